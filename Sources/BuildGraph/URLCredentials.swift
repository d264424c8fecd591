extension String {
    /// The text with `xxxxx` in place of user and password, or token, of each URL in it, for everything that is shown.
    ///
    /// A user without a password stays where the scheme is neither `http` nor `https`: `ssh://git@host` tells no secret.
    package var withoutURLCredentials: String {
        let ranges = credentialRanges
        if ranges.isEmpty { return self }
        var result = ""
        var rest = self[...]
        for credentials in ranges {
            result += rest[..<credentials.lowerBound] + "xxxxx"
            rest = rest[credentials.upperBound...]
        }
        return result + rest
    }

    /// User and password, or token, of each URL in the text.
    package var urlCredentials: [String] { credentialRanges.map { String(self[$0]) } }

    private var credentialRanges: [Range<String.Index>] {
        guard utf8.contains(UInt8(ascii: "@")), contains("://") else { return [] }
        var ranges: [Range<String.Index>] = []
        var rest = self[...]
        while let separator = rest.firstRange(of: "://") {
            let before = rest[..<separator.lowerBound].lowercased()
            let isWeb = before.hasSuffix("http") || before.hasSuffix("https")
            rest = rest[separator.upperBound...]
            let authority = rest.prefix { !"/?#\"'`".contains($0) && !$0.isWhitespace }
            guard let at = authority.lastIndex(of: "@"), isWeb || authority[..<at].contains(":") else { continue }
            ranges.append(authority.startIndex..<at)
            rest = rest[at...]
        }
        return ranges
    }
}
