import BuildGraph
import BuildProgress
import LinuxSystem
import Storage

// `SOURCE_DATE_EPOCH=context` and its kin (spec/01 §1.7).
extension OperationDispatcher {
    /// The time of what a source vertex, or the unpacking of one, gave as `output`, in seconds since 1970: of a Git
    /// commit, of a download as its server says, or of the newest file of an archive; nil where there is none.
    package func time(of vertex: Vertex, output: BuildOutput) async throws -> Int64? {
        switch vertex.operation {
        case .source(.git(let source)):
            return try await context.repositories.time(of: source)
        case .source(.http(let source)):
            let progress = VertexProgress(sink: SilentProgress(), vertex: vertex.id, name: vertex.name)
            let modified = try await context.files.file(source, progress).modified
            return modified == 0 ? nil : modified
        case .file:
            let tree = try tree(of: output)
            return try await BlockingThread.run("newest file") { try Self.newest(tree.root, $0) }
        case .source, .exec, .merge, .diff: return nil
        }
    }

    private static func newest(_ root: borrowing Directory, _ cancellation: CancellationFlag) throws -> Int64? {
        var newest: Int64?
        var walk = try TreeWalk(root, sorted: false)
        while let step = try walk.next() {
            try cancellation.check()
            guard case .enter(let entry) = step, entry.status.kind == .regular else { continue }
            newest = max(newest ?? Int64.min, entry.status.modified.seconds)
        }
        return newest
    }
}
