import BuildGraph
import DockerfileParser
import OCI

// COPY and ADD; spec/01 §1.10.
extension Lowering {
    mutating func lower(_ copy: CopyInstruction) throws(FrontendError) {
        let expanded = try expandedOperands(
            copy.operands,
            chown: copy.chown,
            chmod: copy.chmod,
            exclude: copy.exclude,
            at: copy.origin
        )
        var step = CopyStep(expanded, root: copy.link && expanded.chmod == nil ? .scratch : state.root)
        let origin = copy.origin
        if !copy.operands.paths.isEmpty {
            let source = try source(of: copy)
            for path in expanded.paths {
                try checkLocal(path, at: origin)
                if copy.from?.isEmpty ?? true { checkIgnored(path, as: "Copy", at: origin) }
                step.copy(path, of: source, parents: copy.parents, unpack: false)
            }
        }
        try addDocuments(copy.operands, to: &step, at: origin)
        try finish(step, link: copy.link, at: origin)
        let flags = copy.parents ? " --parents" : ""
        state.record("COPY\(flags)" + expanded.historyText, makesLayer: true, marked: true)
    }

    mutating func lower(_ add: AddInstruction) throws(FrontendError) {
        let origin = add.origin
        let expanded = try expandedOperands(
            add.operands,
            chown: add.chown,
            chmod: add.chmod,
            exclude: add.exclude,
            at: origin
        )
        let checksum = try add.checksum.map { text throws(FrontendError) in try expand(text, at: origin) }
        if checksum?.isEmpty == false, expanded.paths.count != 1 || !add.operands.heredocs.isEmpty {
            throw failure(.checksumOfSeveral, at: origin)
        }
        var step = CopyStep(expanded, root: add.link && expanded.chmod == nil ? .scratch : state.root)
        let name = nextStepName(origin)
        for path in expanded.paths {
            let wanted = checksum.flatMap { $0.isEmpty ? nil : $0 }
            if let remote = try remoteSource(path, add, checksum: wanted) {
                let vertex = builder.add(.source(remote.operation), metadata: metadata(name, at: origin))
                step.copy(remote, vertex: .vertex(vertex), unpack: add.unpack ?? false)
            } else {
                if wanted != nil { throw failure(.checksumOfPath, at: origin) }
                checkIgnored(path, as: "Add", at: origin)
                step.copy(path, of: try mainContext(), parents: false, unpack: add.unpack ?? true)
            }
        }
        try addDocuments(add.operands, to: &step, at: origin)
        try finish(step, link: add.link, at: origin, name: name)
        state.record("ADD" + expanded.historyText.withoutURLCredentials, makesLayer: true, marked: true)
    }

    private mutating func expandedOperands(
        _ operands: CopyOperands,
        chown: String?,
        chmod: String?,
        exclude: [String],
        at origin: Origin
    ) throws(FrontendError) -> ExpandedOperands {
        var paths: [String] = []
        for path in operands.paths { paths.append(try expand(path, at: origin)) }
        let destination = try expand(operands.destination, at: origin)
        let chown = try chown.map { text throws(FrontendError) in try expand(text, at: origin) }
        let chmod = try chmod.map { text throws(FrontendError) in try expand(text, at: origin) }
        let mode: ModeChange?
        do {
            mode = try chmod.flatMap { text throws(FrontendProblem) in
                text.isEmpty ? nil : try PermissionText.change(text)
            }
        } catch {
            throw failure(error, at: origin)
        }
        return ExpandedOperands(
            paths: paths,
            documents: operands.heredocs.map(\.name),
            writtenDestination: destination,
            destination: PathText.destination(destination, from: state.workingDirectory),
            chown: chown.flatMap { $0.isEmpty ? nil : $0 },
            chmod: chmod.flatMap { $0.isEmpty ? nil : $0 },
            mode: mode,
            exclude: exclude
        )
    }

    /// The file system that a `COPY` reads.
    private mutating func source(of copy: CopyInstruction) throws(FrontendError) -> VertexInput {
        guard let from = copy.from, !from.isEmpty else { return try mainContext() }
        let index = try dependencies.source(copiedFrom: from, in: current, at: copy.origin)
        guard let stage = finished[index] else {
            let title = dependencies.plan.stages[current].title
            throw failure(.copyFromLaterStage(from: from, stage: title), at: copy.origin)
        }
        return stage.root
    }

    private mutating func addDocuments(
        _ operands: CopyOperands,
        to step: inout CopyStep,
        at origin: Origin
    ) throws(FrontendError) {
        for heredoc in operands.heredocs {
            let (bytes, undefined) = try expansion.document(heredoc, state.environment, at: origin)
            reportUndefined(undefined, at: origin)
            step.copy(document: heredoc.name, of: inlineDocument(name: heredoc.name, mode: 0o644, bytes: bytes))
        }
    }

    /// Adds the step's vertex; with `--link` its files are made alone and then laid over the stage's.
    private mutating func finish(
        _ step: CopyStep,
        link: Bool,
        at origin: Origin,
        name: String? = nil
    ) throws(FrontendError) {
        let name = name ?? nextStepName(origin)
        let isLinked = link && step.operands.chmod == nil
        if isLinked, let owner = step.owner, let account = Ownership.name(in: owner) {
            throw failure(.accountWithLink(name: account), at: origin)
        }
        let operation = Operation.file(FileOperation(step.actions.map { .copy($0) }))
        let below = state.root
        advance(operation, inputs: step.inputs, name: name, at: origin)
        guard isLinked, below != .scratch else { return }
        advance(.merge, inputs: [below, state.root], name: stepName(origin, prefix: "LINK "), at: origin)
    }

    /// Throws where a source of `COPY` is something that only `ADD` takes.
    private func checkLocal(_ path: String, at origin: Origin) throws(FrontendError) {
        if let git = try? GitReference.parse(path), !git.isLikePath { throw failure(.gitInCopy, at: origin) }
        if RemoteFile.isURL(path) { throw failure(.urlInCopy, at: origin) }
    }

    private mutating func checkIgnored(_ path: String, as verb: String, at origin: Origin) {
        guard case .local = request.contexts.main, ignoresFile(path) else { return }
        lint.report(
            .copyIgnoredFile,
            "Attempting to \(verb) file \(PathText.clean(path).goQuoted) that is excluded by .dockerignore",
            at: origin
        )
    }

    private func ignoresFile(_ path: String) -> Bool {
        let relative = String(PathText.rooted(path).dropFirst())
        return !relative.isEmpty && ignored?.matches(relative) ?? false
    }
}
