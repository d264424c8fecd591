/// The last lines of a vertex's output as a terminal would show them.
///
/// Understands newline, carriage return, backspace, tab and erasing to the end of the line; other escape sequences, such
/// as colours, are left out.
struct LogWindow {
    private enum State {
        case text
        case escape
        case control(parameters: String)
        case string
    }

    private(set) var lines: [[Character]] = [[]]
    private var column = 0
    private var state = State.text
    private var undecoded: [UInt8] = []
    private let width: Int
    private let height: Int

    /// A window of `height` lines of `width` characters.
    init(width: Int, height: Int) {
        self.width = max(1, width)
        self.height = max(1, height)
    }

    /// The lines that are not blank.
    var visibleLines: [String] {
        lines.map { String($0) }.filter { line in line.contains { $0 != " " } }
    }

    mutating func write(_ bytes: [UInt8]) {
        let all = undecoded + bytes
        let whole = all.count - Self.incompleteSuffix(of: all)
        undecoded = Array(all[whole...])
        for scalar in String(decoding: all[..<whole], as: UTF8.self).unicodeScalars {
            take(scalar)
        }
    }

    /// How many bytes at the end begin a UTF-8 sequence that is not complete yet.
    private static func incompleteSuffix(of bytes: [UInt8]) -> Int {
        for back in 1...3 where back <= bytes.count {
            let byte = bytes[bytes.count - back]
            if byte & 0b1100_0000 == 0b1000_0000 { continue }
            let length = byte >= 0b1111_0000 ? 4 : byte >= 0b1110_0000 ? 3 : byte >= 0b1100_0000 ? 2 : 1
            return length > back ? back : 0
        }
        return 0
    }

    private mutating func take(_ scalar: Unicode.Scalar) {
        switch state {
        case .text:
            takeText(scalar)
        case .escape:
            state =
                switch scalar {
                case "[": .control(parameters: "")
                case "]", "P", "_", "^", "X": .string
                default: .text
                }
        case .control(let parameters):
            guard scalar.value >= 0x40, scalar.value <= 0x7e else {
                state = .control(parameters: parameters.count < 32 ? parameters + String(scalar) : parameters)
                return
            }
            state = .text
            if scalar == "K" {
                erase(parameters)
            }
        case .string:
            switch scalar {
            case "\u{07}": state = .text
            case "\u{1B}": state = .escape
            default: break
            }
        }
    }

    private mutating func takeText(_ scalar: Unicode.Scalar) {
        switch scalar {
        case "\u{1B}": state = .escape
        case "\n": newLine()
        case "\r": column = 0
        case "\u{08}": column = max(0, column - 1)
        case "\t": put(" ", times: 8 - column % 8)
        case "\u{00}"..."\u{1F}", "\u{7F}"..."\u{9F}": break
        default: put(Character(scalar), times: 1)
        }
    }

    private mutating func put(_ character: Character, times: Int) {
        for _ in 0..<times {
            if column >= width {
                newLine()
            }
            let last = lines.count - 1
            while lines[last].count < column {
                lines[last].append(" ")
            }
            if column < lines[last].count {
                lines[last][column] = character
            } else {
                lines[last].append(character)
            }
            column += 1
        }
    }

    private mutating func newLine() {
        column = 0
        lines.append([])
        if lines.count > height {
            lines.removeFirst()
        }
    }

    private mutating func erase(_ parameters: String) {
        let last = lines.count - 1
        switch parameters {
        case "", "0": lines[last] = Array(lines[last].prefix(column))
        case "2": lines[last] = []
        default: break
        }
    }
}
