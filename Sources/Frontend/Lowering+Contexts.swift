import BuildGraph
import OCI

extension Lowering {
    /// The file system of the build context.
    mutating func mainContext() throws(FrontendError) -> VertexInput {
        switch request.contexts.main {
        case .local:
            if let localContext { return localContext }
            let source = LocalSource(name: "context", excludePatterns: request.contexts.ignorePatterns)
            let input = add(.local(source), named: "[internal] load build context")
            localContext = input
            return input
        case .git(var git):
            git.keepGitDirectory = try arguments.keepGitDirectory() ?? git.keepGitDirectory
            if arguments.values["SOURCE_DATE_EPOCH"]?.isEmpty == false { git.fileTimes = .commit }
            return add(SourceOperation.git(git), named: "[internal] load git source \(git.url)")
        case .archive(let http):
            return unpacked(http, named: "[internal] load remote build context")
        case .empty: return .scratch
        }
    }

    /// The file system of a named context that is no image.
    mutating func add(_ context: NamedContext, named name: String) -> VertexInput {
        switch context {
        case .directory(let patterns):
            add(
                .local(LocalSource(name: name, excludePatterns: patterns)),
                named: "[context \(name)] load from client"
            )
        case .git(let git): add(SourceOperation.git(git), named: "[context \(name)] load git source \(git.url)")
        case .archive(let http): unpacked(http, named: "[context \(name)] load remote build context")
        case .image, .ociLayout, .empty: .scratch
        }
    }

    private mutating func unpacked(_ http: HTTPSource, named name: String) -> VertexInput {
        .vertex(ArchiveContext(http, name: name).addUnpacked(to: &builder))
    }

    private mutating func add(_ source: SourceOperation, named name: String) -> VertexInput {
        .vertex(builder.add(.source(source), metadata: VertexMetadata(name: name)))
    }
}
