/// What a token allows in one repository.
struct TokenScope: Hashable {
    let repository: String
    let actions: [String]

    static func pull(_ repository: String) -> TokenScope {
        TokenScope(repository: repository, actions: ["pull"])
    }

    static func push(_ repository: String) -> TokenScope {
        TokenScope(repository: repository, actions: ["pull", "push"])
    }

    /// The scope as people see it: `library/alpine:pull`.
    var shortForm: String { "\(repository):\(actions.joined(separator: ","))" }

    /// The scope as the token service takes it: `repository:library/alpine:pull`.
    var queryForm: String { "repository:\(shortForm)" }
}
