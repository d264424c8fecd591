/// A `--chmod`: an octal mode, or symbolic changes in the manner of BSD's `setmode` with an empty umask (spec 1.10).
package struct FileModeChange: Hashable, Sendable {
    /// One step of a symbolic change.
    enum Step: Hashable, Sendable {
        case set(UInt32)
        case clear(UInt32)
        /// Sets the bits for directories, and for files that somebody may execute.
        case setIfExecutable(UInt32)
        /// Copies the permissions of one class, `from` (a shift of 6, 3 or 0), to the classes of `to`.
        case copy(from: UInt32, to: UInt32, operation: UInt8)
    }

    /// The text as written.
    package let text: String
    /// The mode of an octal text, or nil for a symbolic one.
    package let absolute: UInt32?
    private let steps: [Step]

    /// Parses a mode; throws a ``ParseError`` without range.
    package init(parsing text: String) throws(ParseError) {
        self.text = text
        guard let first = text.utf8.first, !ASCII.isDigit(first) else {
            guard let mode = UInt32(text, radix: 8), mode <= 0o7777 else {
                throw ParseError(
                    "invalid chmod parameter: '\(text)'. it should be octal string and between 0 and 07777"
                )
            }
            absolute = mode
            steps = []
            return
        }
        absolute = nil
        var parser = SymbolicModeParser(text)
        steps = try parser.parse()
    }

    /// The permission bits (07777) that result for an entry with the bits `mode`.
    package func apply(to mode: UInt32, isDirectory: Bool) -> UInt32 {
        if let absolute { return absolute }
        var result = mode & 0o7777
        for step in steps {
            switch step {
            case .set(let bits): result |= bits
            case .clear(let bits): result &= ~bits
            case .setIfExecutable(let bits): if isDirectory || mode & 0o111 != 0 { result |= bits }
            case .copy(let shift, let classes, let operation):
                let copied = ((result >> shift) & 0o7) * 0o111 & classes
                switch operation {
                case UInt8(ascii: "+"): result |= copied
                case ASCII.dash: result &= ~copied
                default: result = result & ~(classes & 0o777) | copied
                }
            }
        }
        return result
    }
}

/// Reads `u=rwX,go-w`.
private struct SymbolicModeParser {
    private let bytes: [UInt8]
    private var position = 0
    private var steps: [FileModeChange.Step] = []
    private static let everything: UInt32 = 0o6777
    private static let sticky: UInt32 = 0o1000

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func parse() throws(ParseError) -> [FileModeChange.Step] {
        repeat {
            let who = readWho()
            repeat {
                guard let operation = current, [UInt8(ascii: "+"), ASCII.dash, ASCII.equals].contains(operation) else {
                    throw ParseError("invalid syntax")
                }
                position += 1
                readPermissions(who, operation)
            } while current != nil && current != ASCII.comma
            guard current == ASCII.comma else { return steps }
            position += 1
        } while true
    }

    private mutating func readWho() -> UInt32 {
        var who: UInt32 = 0
        while true {
            switch current {
            case UInt8(ascii: "a"): who |= Self.everything
            case UInt8(ascii: "u"): who |= 0o4700
            case UInt8(ascii: "g"): who |= 0o2070
            case UInt8(ascii: "o"): who |= 0o0007
            default: return who
            }
            position += 1
        }
    }

    private mutating func readPermissions(_ classes: UInt32, _ operation: UInt8) {
        var who = classes
        var bits: UInt32 = 0
        var executeBits: UInt32 = 0
        var hasAssigned = false
        // Set-id and sticky are ignored where only others are meant.
        let isSpecialAllowed = classes == 0 || classes & ~0o7 != 0
        while let byte = current {
            switch byte {
            case UInt8(ascii: "r"): bits |= 0o444
            case UInt8(ascii: "w"): bits |= 0o222
            case UInt8(ascii: "x"): bits |= 0o111
            case UInt8(ascii: "X"): if operation != ASCII.dash { executeBits = 0o111 }
            case UInt8(ascii: "s"): if isSpecialAllowed { bits |= 0o6000 }
            case UInt8(ascii: "t"):
                if isSpecialAllowed {
                    if who != 0 { who |= Self.sticky }
                    bits |= Self.sticky
                }
            case UInt8(ascii: "u"), UInt8(ascii: "g"), UInt8(ascii: "o"):
                if bits != 0 { append(operation, who, bits) }
                appendExecute(who, executeBits)
                (bits, executeBits, hasAssigned) = (0, 0, true)
                appendCopy(byte, who, operation)
            default:
                flush(who, operation, bits, executeBits, hasAssigned)
                return
            }
            position += 1
        }
        flush(who, operation, bits, executeBits, hasAssigned)
    }

    private mutating func flush(
        _ who: UInt32,
        _ operation: UInt8,
        _ bits: UInt32,
        _ executeBits: UInt32,
        _ hasAssigned: Bool
    ) {
        if bits != 0 || (operation == ASCII.equals && !hasAssigned) { append(operation, who, bits) }
        appendExecute(who, executeBits)
    }

    private mutating func append(_ operation: UInt8, _ who: UInt32, _ bits: UInt32) {
        let selected = who == 0 ? bits : who & bits
        switch operation {
        case ASCII.equals:
            steps.append(.clear(who == 0 ? Self.everything : who))
            steps.append(.set(selected))
        case ASCII.dash: steps.append(.clear(selected))
        default: steps.append(.set(selected))
        }
    }

    private mutating func appendExecute(_ who: UInt32, _ bits: UInt32) {
        if bits != 0 { steps.append(.setIfExecutable(who == 0 ? bits : who & bits)) }
    }

    private mutating func appendCopy(_ source: UInt8, _ who: UInt32, _ operation: UInt8) {
        let shift: UInt32 = source == UInt8(ascii: "u") ? 6 : source == UInt8(ascii: "g") ? 3 : 0
        steps.append(.copy(from: shift, to: who == 0 ? 0o777 : who & 0o777, operation: operation))
    }
}
