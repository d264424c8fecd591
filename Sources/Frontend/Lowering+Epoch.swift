import BuildGraph
import DockerfileParser
import OCI

extension Lowering {
    /// Finds what `SOURCE_DATE_EPOCH` asks for, from the build arguments or a global `ARG`; spec/01 §1.7.
    mutating func findEpoch() throws(FrontendError) {
        guard let text = scope.environment["SOURCE_DATE_EPOCH"] ?? arguments.values["SOURCE_DATE_EPOCH"],
            !text.isEmpty
        else { return }
        if let seconds = Int64(text), (0...Self.latestEpoch).contains(seconds) {
            epoch = .fixed(seconds)
        } else if text == "context" {
            epoch = try epochOfMainContext()
        } else if let (name, context) = request.contexts.override(of: text, platform: platform) {
            epoch = epoch(of: context, named: name)
        } else if let stage = dockerfile.stages.first(where: { $0.name == text.lowercased() }) {
            epoch = .ofSource(try epochSource(of: stage))
        } else {
            throw FrontendError(.invalidSourceDateEpoch(text), at: [])
        }
    }

    /// The nanoseconds since 1970 that made directories get, or nil for now.
    var fileTime: Int64? {
        guard case .fixed(let seconds) = epoch else { return nil }
        return seconds * 1_000_000_000
    }

    /// Nanoseconds since 1970 fit 64 bits until the year 2262.
    private static let latestEpoch = Int64.max / 1_000_000_000

    /// A local directory has no time of its own.
    private mutating func epochOfMainContext() throws(FrontendError) -> SourceDateEpoch? {
        switch request.contexts.main {
        case .local, .empty: nil
        case .git, .archive: try mainContext().vertex.map { .ofSource($0) }
        }
    }

    private mutating func epoch(of context: NamedContext, named name: String) -> SourceDateEpoch? {
        switch context {
        case .directory, .image, .ociLayout, .empty: nil
        case .git, .archive: add(context, named: name).vertex.map { .ofSource($0) }
        }
    }

    /// What the only instruction besides `ARG` of a stage brings in, the time of which is wanted.
    private mutating func epochSource(of stage: Stage) throws(FrontendError) -> Digest {
        let origin = stage.from.origin
        guard try expansion.expand(stage.baseName, scope.environment, at: origin).text == "scratch" else {
            throw failure(.epochStage("must use FROM scratch"), at: origin)
        }
        var environment = scope.environment
        var sources: [RemoteFile] = []
        for instruction in stage.instructions {
            switch instruction {
            case .arg(let arg): try declare(arg, in: &environment)
            case .add(let add): sources.append(try epochSource(add, environment))
            default:
                let word = instruction.origin.keyword.uppercased()
                throw failure(.epochStage("can only have ARG and ADD, not \(word)"), at: instruction.origin)
            }
        }
        guard let source = sources.first, sources.count == 1 else {
            throw failure(.epochStage("must contain exactly one remote ADD"), at: origin)
        }
        let name = "[internal] resolve SOURCE_DATE_EPOCH source stage \(stage.name ?? "")"
        return builder.add(.source(source.operation), metadata: VertexMetadata(name: name))
    }

    private func declare(_ arg: ArgInstruction, in environment: inout StageEnvironment) throws(FrontendError) {
        for declaration in arg.declarations {
            if let given = arguments.values[declaration.name] {
                environment.set(declaration.name, given)
            } else if let text = declaration.defaultValue {
                environment.set(declaration.name, try expansion.expand(text, environment, at: arg.origin).text)
            }
        }
    }

    private func epochSource(
        _ add: AddInstruction,
        _ environment: StageEnvironment
    ) throws(FrontendError) -> RemoteFile {
        let problem = FrontendProblem.epochStage("must contain exactly one remote ADD source")
        guard let path = add.operands.paths.first, add.operands.sources.count == 1 else {
            throw failure(problem, at: add.origin)
        }
        let text = try expansion.expand(path, environment, at: add.origin).text
        let checksum = try add.checksum.map { text throws(FrontendError) in
            try expansion.expand(text, environment, at: add.origin).text
        }
        guard let source = try remoteSource(text, add, checksum: checksum.flatMap { $0.isEmpty ? nil : $0 }) else {
            throw failure(problem, at: add.origin)
        }
        return source
    }
}
