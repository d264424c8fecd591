/// A word of `EXPOSE` after expansion: `port[-port][/protocol]`, with an address or host port in front tolerated.
package struct PortSpecification: Hashable, Sendable {
    /// The word.
    package let text: String
    /// The ports as images record them, `80/tcp`, a range as its single ports in order.
    package let ports: [String]
    /// Whether there is a host port or an address in front, which is ignored.
    package let hasHostPart: Bool
    /// Whether the protocol is written with upper-case letters.
    package let hasUppercaseProtocol: Bool

    /// Parses a word; throws a ``ParseError`` without range.
    package init(parsing text: String) throws(ParseError) {
        self.text = text
        let parts = text.cut(at: "/")
        let written = parts?.after ?? ""
        let name = written.isEmpty ? "tcp" : written.lowercased()
        guard ["tcp", "udp", "sctp"].contains(name) else {
            throw ParseError("invalid port: \(text.goQuoted): invalid proto: \(written)", culprit: written)
        }
        hasUppercaseProtocol = written != written.lowercased()
        let fields = (parts?.before ?? text).split(separator: ":", omittingEmptySubsequences: false)
        hasHostPart = fields.count > 1
        let container = String(fields.last ?? "")
        guard !container.isEmpty else { throw ParseError("no port specified: \(text)<empty>") }
        guard let range = Self.range(container) else {
            throw ParseError("invalid containerPort: \(container)", culprit: text)
        }
        if hasHostPart, let host = fields.dropLast().last, !host.isEmpty, Self.range(String(host)) == nil {
            throw ParseError("invalid hostPort: \(host)", culprit: text)
        }
        ports = range.map { "\($0)/\(name)" }
    }

    /// `80` or `80-90`, each from 0 to 65535, the first not above the last.
    private static func range(_ text: String) -> ClosedRange<UInt16>? {
        let (first, last) = text.cut(at: "-").map { ($0.before, $0.after) } ?? (text, text)
        guard first.utf8.allSatisfy(ASCII.isDigit), last.utf8.allSatisfy(ASCII.isDigit),
            let low = UInt16(first), let high = UInt16(last), low <= high
        else { return nil }
        return low...high
    }

    /// The build checks that the word violates: `ExposeProtoCasing`, `ExposeInvalidFormat`.
    package func findings(at range: SourceRange) -> [LintFinding] {
        var findings: [LintFinding] = []
        if hasHostPart {
            let message =
                "EXPOSE instruction should not define an IP address or host-port mapping, found '\(text)'"
            findings.append(LintFinding(rule: .exposeInvalidFormat, message: message, range: range))
        }
        if hasUppercaseProtocol {
            let message = "Defined protocol '\(text)' in EXPOSE instruction should be lowercase"
            findings.append(LintFinding(rule: .exposeProtoCasing, message: message, range: range))
        }
        return findings
    }
}
