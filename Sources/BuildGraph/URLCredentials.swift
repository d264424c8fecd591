extension String {
    /// The text with `xxxxx` in place of user and password, or token, of each URL in it, for everything that is shown.
    ///
    /// A user without a password stays where the scheme is neither `http` nor `https`: `ssh://git@host` tells no secret.
    package var withoutURLCredentials: String {
        guard utf8.contains(UInt8(ascii: "@")), contains("://") else { return self }
        var result = ""
        var rest = self[...]
        while let separator = rest.firstRange(of: "://") {
            let before = rest[..<separator.lowerBound].lowercased()
            let isWeb = before.hasSuffix("http") || before.hasSuffix("https")
            result += rest[..<separator.upperBound]
            rest = rest[separator.upperBound...]
            let authority = rest.prefix { !"/?#\"'`".contains($0) && !$0.isWhitespace }
            guard let at = authority.lastIndex(of: "@"), isWeb || authority[..<at].contains(":") else { continue }
            result += "xxxxx"
            rest = rest[at...]
        }
        return result + rest
    }
}
