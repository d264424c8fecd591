import BuildGraph

/// Owners as `--chown` and `USER` write them; spec/01 §1.10.
enum Ownership {
    /// The owner that `user[:group]` means; names are looked up in the tree that is changed, input 0.
    ///
    /// A lone number is both user and group; a lone name brings its own group.
    static func owner(_ text: String) -> Owner {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let user = parts.first.map { $0.isEmpty ? Account.id(0) : account($0) } ?? .id(0)
        if parts.count == 2, !parts[1].isEmpty { return Owner(user: user, group: account(parts[1])) }
        if case .id = user { return Owner(user: user, group: user) }
        return Owner(user: user, group: nil)
    }

    /// The first name that has to be looked up, or nil.
    static func name(in owner: Owner) -> String? {
        for case .name(let name, _) in [owner.user, owner.group] { return name }
        return nil
    }

    private static func account(_ text: String) -> Account {
        if text == "root" { return .id(0) }
        guard let id = UInt32(text), id <= UInt32(Int32.max) else { return .name(text, input: 0) }
        return .id(id)
    }
}
