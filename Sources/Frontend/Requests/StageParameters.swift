import DockerfileParser

/// An `ARG` declaration with the value that it got.
struct DeclaredArgument: Hashable, Sendable {
    let name: String
    /// The text of a `# <name> <description>` comment above, or nil.
    let description: String?
    let range: SourceRange
    /// The value, nil where the argument has none.
    var value: String?
    /// The names with a value that the default refers to; empty where the default is not used.
    var uses: [String] = []
    /// Whether the value is that of the global argument of the same name, or predefined.
    var isInherited = false

    /// A declaration without a value.
    init(_ declaration: ArgDeclaration, at origin: Origin) {
        name = declaration.name
        description = declaration.description
        range = origin.range
    }
}

/// What one stage takes from whoever builds it, as its instructions were lowered.
struct StageParameters: Hashable, Sendable {
    /// What a `RUN --mount` names.
    enum Kind: Hashable, Sendable {
        case secret
        case agent
        case cache
    }

    /// A name that `RUN --mount` refers to, at its first use.
    struct Mounted: Hashable, Sendable {
        let kind: Kind
        let name: String
        let isRequired: Bool
        let range: SourceRange
    }

    /// The arguments that the stage declares, in order.
    private(set) var arguments: [DeclaredArgument] = []
    /// What its steps mount, in order, each name once.
    private(set) var mounted: [Mounted] = []

    /// The stage declares an argument; a later declaration of a name takes the place of the earlier one.
    mutating func declare(_ argument: DeclaredArgument) {
        arguments.removeAll { $0.name == argument.name && !argument.isInherited }
        arguments.append(argument)
    }

    /// A step mounts a secret, an agent or a cache.
    mutating func use(_ kind: Kind, named name: String, isRequired: Bool = false, at origin: Origin) {
        guard !mounted.contains(where: { $0.kind == kind && $0.name == name }) else { return }
        mounted.append(Mounted(kind: kind, name: name, isRequired: isRequired, range: origin.range))
    }
}
