/// The texts of `/etc/hosts` and `/etc/resolv.conf` of a step (spec/07 §7.1).
package enum NetworkFiles {
    /// A name that a step finds without asking.
    package struct Host: Hashable, Sendable {
        package var name: String
        package var address: String

        package init(name: String, address: String) {
            self.name = name
            self.address = address
        }
    }

    /// Name servers that a configuration sets instead of the builder's; what is empty is not replaced.
    package struct Override: Hashable, Sendable {
        package var nameServers: [String]
        package var search: [String]
        package var options: [String]

        package init(nameServers: [String] = [], search: [String] = [], options: [String] = []) {
            self.nameServers = nameServers
            self.search = search
            self.options = options
        }
    }

    /// Where systemd-resolved lists the servers that it asks itself.
    package static let upstreamPath = "/run/systemd/resolve/resolv.conf"

    /// The text of `/etc/hosts`.
    package static func hosts(hostname: String, extra: [Host] = []) -> String {
        let fixed = "127.0.0.1\tlocalhost \(hostname)\n::1\tlocalhost ip6-localhost ip6-loopback\n"
        return fixed + extra.map { "\($0.address)\t\($0.name)\n" }.joined()
    }

    /// The text of `/etc/resolv.conf`.
    ///
    /// `builder` is the builder's, `nil` if it has none, and `upstream` systemd-resolved's. A step in a network of
    /// its own cannot reach the builder's loopback addresses; one that shares the builder's gets its text unchanged.
    package static func resolverConfiguration(
        builder: String?,
        upstream: String? = nil,
        sharesNetwork: Bool,
        override: Override = Override()
    ) -> String {
        var lines = (builder ?? "").split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
        if !sharesNetwork {
            if let upstream, nameServers(in: lines) == ["127.0.0.53"] {
                lines = upstream.split(separator: "\n").map(String.init)
            }
            lines.removeAll { nameServer(in: $0).map(isLoopback) ?? false }
        }
        replace("search", override.search.isEmpty ? nil : override.search.joined(separator: " "), in: &lines)
        replace("options", override.options.isEmpty ? nil : override.options.joined(separator: " "), in: &lines)
        if !override.nameServers.isEmpty {
            lines.removeAll { nameServer(in: $0) != nil }
            lines += override.nameServers.map { "nameserver \($0)" }
        }
        if nameServers(in: lines).isEmpty { lines += publicServers.map { "nameserver \($0)" } }
        return lines.map { $0 + "\n" }.joined()
    }

    private static let publicServers = ["8.8.8.8", "8.8.4.4", "2001:4860:4860::8888", "2001:4860:4860::8844"]

    private static func nameServers(in lines: [String]) -> [String] {
        lines.compactMap(nameServer)
    }

    private static func nameServer(in line: String) -> String? {
        let words = line.split { $0 == " " || $0 == "\t" }
        return words.count > 1 && words[0] == "nameserver" ? String(words[1]) : nil
    }

    private static func isLoopback(_ address: String) -> Bool {
        address.hasPrefix("127.") || address == "::1" || address.hasPrefix("::1%")
    }

    private static func replace(_ keyword: String, _ value: String?, in lines: inout [String]) {
        guard let value else { return }
        lines.removeAll { $0.split { $0 == " " || $0 == "\t" }.first == keyword[...] }
        lines.append("\(keyword) \(value)")
    }
}
