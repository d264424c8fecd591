import LinuxSystem
import OCI

/// The context indexes of the cache directory: one file for each directory that was a context.
package struct ContextIndexes: Sendable {
    private let directory: SharedDirectory

    static let file = PathTableFile(
        magic: Array("swbuild context index 2\n".utf8),
        valueSize: ContextIndex.valueSize
    )

    init(_ directory: consuming Directory) {
        self.directory = SharedDirectory(directory)
    }

    /// The index of a context directory; an empty one if there is none or it cannot be used.
    package func load(_ context: Path) -> ContextIndex {
        let name = ContextIndexes.name(context)
        guard let bytes = try? directory.directory.readFile(name, limit: 1 << 30, .noSymlinks),
            let table = ContextIndexes.file.decode(bytes)
        else { return ContextIndex() }
        return ContextIndex(table)
    }

    /// Replaces the index of a context directory in one step.
    ///
    /// Whoever writes last wins.
    package func store(_ index: ContextIndex, of context: Path) throws {
        let bytes = ContextIndexes.file.encode(index.merged())
        try directory.directory.replaceFile(ContextIndexes.name(context), with: bytes)
    }

    /// Removes an index by the name of its file; it is made again when it is needed.
    func remove(_ name: String) throws {
        try directory.directory.removeTree(Path(name))
    }

    private static func name(_ context: Path) -> Path {
        Path(String(Digest.sha256(of: context.bytes).hex.prefix(32)))
    }
}
