import DockerfileParser
import OCI

/// The names that `FROM` lines see, and that stages get by a bare `ARG name`; spec/01 §1.7.
struct GlobalScope: Sendable {
    /// Platform arguments and global `ARG`s, with the values that were asked for.
    private(set) var environment = StageEnvironment()

    /// The same as if no build arguments had been given.
    private(set) var defaults = StageEnvironment()

    /// The global `ARG`s in the order of the file, with or without a value.
    private(set) var arguments: [DeclaredArgument] = []

    /// Evaluates the global `ARG`s for a target platform.
    init(
        of dockerfile: Dockerfile,
        request: FrontendRequest,
        target: Platform,
        expansion: TextExpansion
    ) throws(FrontendError) {
        let lastStage = dockerfile.stages.last.flatMap(\.name) ?? "default"
        var predefined = Self.platformArguments(prefix: "BUILD", request.platforms.build.normalized)
        predefined += Self.platformArguments(prefix: "TARGET", target.normalized)
        predefined.append(("TARGETSTAGE", request.target ?? lastStage))
        for (name, value) in predefined {
            environment.set(name, request.buildArguments[name] ?? value)
            defaults.set(name, value)
        }
        for instruction in dockerfile.globalArguments {
            for declaration in instruction.declarations {
                try declare(declaration, request.buildArguments, expansion, instruction.origin)
            }
        }
    }

    private mutating func declare(
        _ declaration: ArgDeclaration,
        _ buildArguments: [String: String],
        _ expansion: TextExpansion,
        _ origin: Origin
    ) throws(FrontendError) {
        if let text = declaration.defaultValue {
            defaults.set(declaration.name, try expansion.expand(text, defaults, at: origin).text)
        }
        var argument = DeclaredArgument(declaration, at: origin)
        if let value = buildArguments[declaration.name] {
            argument.value = value
        } else if let text = declaration.defaultValue {
            let expanded = try expansion.words(text, environment, at: origin)
            argument.value = expanded.text
            argument.uses = expanded.definedNames
        }
        if let value = argument.value { environment.set(declaration.name, value) }
        arguments.append(argument)
    }

    /// The names that `FROM` lines may use: those with a value, and the declared ones without.
    var names: [String] { environment.names + arguments.filter { $0.value == nil }.map(\.name) }

    private static func platformArguments(prefix: String, _ platform: Platform) -> [(String, String)] {
        [
            ("\(prefix)PLATFORM", platform.description), ("\(prefix)OS", platform.os),
            ("\(prefix)OSVERSION", platform.osVersion ?? ""), ("\(prefix)ARCH", platform.architecture),
            ("\(prefix)VARIANT", platform.variant ?? ""),
        ]
    }
}
