import BuildGraph
import DockerfileParser
import LinuxSystem
import OCI

/// The directories of this machine that a build may copy from, by the names that the graph uses.
package struct LocalDirectories: Sendable {
    private let paths: [String: Path]

    /// Directories by name: `context`, and the names of named contexts.
    package init(_ paths: [String: Path]) {
        self.paths = paths
    }

    /// Opens the directory of `source` as it is seen through its ignore patterns.
    ///
    /// `index` gives the known digests of a directory's files by its absolute path.
    func open(_ source: LocalSource, index: (Path) throws -> FileIndex) throws -> SourceTree {
        guard let path = paths[source.name] else { throw OperationError.unknownLocal(source.name) }
        let root = try Directory.open(path)
        let ignored = source.excludePatterns.isEmpty ? nil : try IgnorePatterns(source.excludePatterns)
        let known = try index(try root.currentPath())
        return SourceTree(root: root, ownership: .root, ignored: ignored, index: known)
    }
}
