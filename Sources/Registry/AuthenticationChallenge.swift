/// One scheme of a `WWW-Authenticate` header, with its parameters.
struct AuthenticationChallenge: Hashable {
    /// Lowercase: `bearer`, `basic`.
    let scheme: String
    /// The parameters, by lowercase name.
    let parameters: [String: String]

    /// Parses a header (RFC 9110, 11.6.1), which may hold several challenges; skips what it does not understand.
    static func parse(_ header: String) -> [AuthenticationChallenge] {
        var scanner = ChallengeScanner(bytes: Array(header.utf8))
        return scanner.challenges()
    }
}

private struct ChallengeScanner {
    let bytes: [UInt8]
    var position = 0

    mutating func challenges() -> [AuthenticationChallenge] {
        var result: [AuthenticationChallenge] = []
        while position < bytes.count {
            skipSeparators()
            guard let scheme = token() else {
                position += 1
                continue
            }
            result.append(AuthenticationChallenge(scheme: scheme.lowercased(), parameters: parameters()))
        }
        return result
    }

    private mutating func parameters() -> [String: String] {
        var result: [String: String] = [:]
        while true {
            skipSeparators()
            let start = position
            guard let name = token() else { return result }
            skipSpaces()
            guard current == UInt8(ascii: "=") else {
                // A word without `=` begins the next challenge.
                position = start
                return result
            }
            position += 1
            skipSpaces()
            result[name.lowercased()] = current == UInt8(ascii: "\"") ? quoted() : token() ?? ""
        }
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpaces() {
        while current == UInt8(ascii: " ") || current == UInt8(ascii: "\t") {
            position += 1
        }
    }

    private mutating func skipSeparators() {
        while let byte = current, byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: ",") {
            position += 1
        }
    }

    private mutating func token() -> String? {
        let delimiters = Array(" \t,=\"".utf8)
        let start = position
        while let byte = current, byte > 0x20, byte < 0x7f, !delimiters.contains(byte) {
            position += 1
        }
        return position > start ? String(decoding: bytes[start..<position], as: UTF8.self) : nil
    }

    private mutating func quoted() -> String {
        position += 1
        var text: [UInt8] = []
        while let byte = current, byte != UInt8(ascii: "\"") {
            if byte == UInt8(ascii: "\\"), position + 1 < bytes.count {
                position += 1
            }
            text.append(bytes[position])
            position += 1
        }
        position += 1
        return String(decoding: text, as: UTF8.self)
    }
}
