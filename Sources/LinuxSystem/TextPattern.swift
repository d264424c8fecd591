import Glibc

/// An extended regular expression of POSIX.
package struct TextPattern: Hashable, Sendable {
    private let text: String

    /// An expression; `nil` where the text is none.
    package init?(_ text: String) {
        guard Self.search(text, in: "") != nil else { return nil }
        self.text = text
    }

    /// Whether the expression is found anywhere in a text.
    package func matches(_ text: String) -> Bool {
        Self.search(self.text, in: text) ?? false
    }

    private static func search(_ expression: String, in text: String) -> Bool? {
        var compiled = regex_t()
        guard regcomp(&compiled, expression, REG_EXTENDED | REG_NOSUB) == 0 else { return nil }
        defer { regfree(&compiled) }
        return regexec(&compiled, text, 0, nil, 0) == 0
    }
}
