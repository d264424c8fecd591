/// The grammar of distribution's `reference` package, on bytes.
enum ReferenceGrammar {
    /// Splits `path[:tag][@digest]`, and checks tag and digest.
    static func split(_ text: String) throws(ReferenceError) -> (repository: String, tag: String?, digest: Digest?) {
        var rest = text[...]
        var digest: Digest?
        if let at = rest.firstIndex(of: "@") {
            digest = try parseDigest(String(rest[rest.index(after: at)...]))
            rest = rest[..<at]
        }
        var tag: String?
        if let colon = rest.firstIndex(of: ":") {
            let written = String(rest[rest.index(after: colon)...])
            guard isTag(written) else { throw .invalidFormat }
            tag = written
            rest = rest[..<colon]
        }
        return (String(rest), tag, digest)
    }

    /// Whether a text is host names separated by dots, or an address in brackets, with an optional port.
    static func isDomain(_ text: String) -> Bool {
        var host = Array(text.utf8)[...]
        if host.first == UInt8(ascii: "[") {
            guard let close = host.firstIndex(of: UInt8(ascii: "]")), close > 1 else { return false }
            let isAddress = host[1..<close].allSatisfy { isHex($0) || $0 == UInt8(ascii: ":") }
            let rest = host[(close + 1)...]
            return isAddress && (rest.isEmpty || isPort(rest))
        }
        if let colon = host.firstIndex(of: UInt8(ascii: ":")) {
            guard isPort(host[colon...]) else { return false }
            host = host[..<colon]
        }
        return host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            guard let first = label.first, let last = label.last else { return false }
            return isAlphanumeric(first) && isAlphanumeric(last)
                && label.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
        }
    }

    /// Whether a text is path components separated by slashes.
    static func isRepository(_ text: String) -> Bool {
        text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .allSatisfy { isPathComponent(Array($0)) }
    }

    /// Whether a text is a tag: 1 to 128 word characters, dots and dashes, not led by dot or dash.
    static func isTag(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 128 else { return false }
        return isWord(first)
            && text.utf8.allSatisfy { isWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
    }

    /// Whether a byte is a lowercase hex digit.
    static func isLowerHex(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    private static func parseDigest(_ text: String) throws(ReferenceError) -> Digest {
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].count >= 32, parts[1].allSatisfy(isHex),
            let first = parts[0].first, !isDigit(first), parts[0].allSatisfy({ isAlphanumeric($0) || isSeparator($0) })
        else { throw .invalidFormat }
        do {
            return try Digest(text)
        } catch {
            throw .digest(error)
        }
    }

    /// Alphanumeric runs joined by one dot, one or two underscores, or any number of dashes.
    private static func isPathComponent(_ bytes: [UInt8]) -> Bool {
        guard let first = bytes.first, let last = bytes.last, isLowerAlphanumeric(first), isLowerAlphanumeric(last)
        else { return false }
        var position = 0
        while position < bytes.count {
            if isLowerAlphanumeric(bytes[position]) {
                position += 1
                continue
            }
            let run = bytes[position...].prefix { !isLowerAlphanumeric($0) }
            guard isJoin(run) else { return false }
            position += run.count
        }
        return true
    }

    private static func isJoin(_ run: ArraySlice<UInt8>) -> Bool {
        switch run.first {
        case UInt8(ascii: "."): run.count == 1
        case UInt8(ascii: "_"): run.count <= 2 && run.allSatisfy { $0 == UInt8(ascii: "_") }
        case UInt8(ascii: "-"): run.allSatisfy { $0 == UInt8(ascii: "-") }
        default: false
        }
    }

    private static func isPort(_ text: ArraySlice<UInt8>) -> Bool {
        text.first == UInt8(ascii: ":") && text.count > 1 && text.dropFirst().allSatisfy(isDigit)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        isLowerHex(byte) || (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte)
    }

    private static func isLowerAlphanumeric(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isLowerAlphanumeric(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || byte == UInt8(ascii: "_")
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        [UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: ".")].contains(byte)
    }
}
