import BuildGraph

/// `--chmod` values; spec/01 §1.10.
enum PermissionText {
    /// The change that an octal number up to 07777 or a symbolic text such as `u=rwX,go=rX` means.
    static func change(_ text: String) throws(FrontendProblem) -> ModeChange {
        if let bits = UInt32(text, radix: 8), !text.hasPrefix("+"), !text.hasPrefix("-") {
            guard bits <= 0o7777 else { throw .octalMode(text) }
            return .absolute(bits)
        }
        guard let first = text.utf8.first else { throw .symbolicMode(text) }
        if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) { throw .octalMode(text) }
        for clause in text.split(separator: ",", omittingEmptySubsequences: false) where !isClause(clause) {
            throw .symbolicMode(text)
        }
        return .symbolic(text)
    }

    /// `[ugoa]*` and then at least one of `+`, `-`, `=`, each with permissions `[rwxXst]*` or a class `[ugo]`.
    private static func isClause(_ clause: Substring) -> Bool {
        let actions = clause.drop { "ugoa".contains($0) }
        guard let first = actions.first, "+-=".contains(first) else { return false }
        return actions.allSatisfy { "+-=rwxXstugo".contains($0) }
    }
}

extension FrontendProblem: Error {}
