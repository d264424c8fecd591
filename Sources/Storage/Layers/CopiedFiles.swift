import LinuxSystem
import OCI

/// What a layer shares with an earlier one: files of which it has hard links.
package struct FileSharing: Hashable, Sendable {
    /// The earlier layer.
    package let layer: LayerID
    /// The bytes of those files on the disk.
    package var size: Int64

    package init(layer: LayerID, size: Int64) {
        self.layer = layer
        self.size = size
    }
}

/// The files that a copy put into a layer, for the next layer of the same copy.
package struct CopiedFiles: Sendable {
    /// Names the copy: what is copied from which directory to where, without what was in the files.
    package let source: Digest
    /// The SHA-256 of each file by its path in the layer, in order once all are there.
    package var digests = PathTable(valueSize: CopiedFiles.digestSize)
    /// The layer from which files were taken.
    private var earlier: LayerID?
    /// Those files' bytes on the disk, by their inodes.
    private var taken: [UInt64: Int64] = [:]

    package init(_ source: Digest) {
        self.source = source
    }

    /// Notes the files of an earlier layer that are in this one, too: their bytes on the disk by their inodes.
    package mutating func take(_ files: [UInt64: Int64], from layer: LayerID) {
        earlier = layer
        taken = files
    }

    /// The inodes of files that were taken.
    var takenInodes: Set<UInt64> { Set(taken.keys) }

    /// What is shared by files of these inodes.
    func sharing(_ inodes: [UInt64]) -> FileSharing? {
        guard let earlier, !inodes.isEmpty else { return nil }
        return FileSharing(layer: earlier, size: inodes.reduce(0) { $0 + (taken[$1] ?? 0) })
    }

    /// Bytes of a digest.
    package static let digestSize = 32

    /// In the directory of a layer, beside its files.
    private static let name: Path = "copied"
    private static let file = PathTableFile(magic: Array("swbuild copied files 1\n".utf8), valueSize: digestSize)

    /// Writes the digests into the directory of a layer.
    func write(to home: borrowing Directory) throws {
        try home.writeFile(CopiedFiles.name, CopiedFiles.file.encode(digests))
    }

    /// The digests in the directory of a layer; `nil` if there are none that can be used.
    static func read(from home: borrowing Directory) -> PathTable? {
        guard let bytes = try? home.readFile(name, limit: 1 << 30, .noSymlinks) else { return nil }
        return file.decode(bytes)
    }
}

/// The layer that a copy made the last time, whose files the next one may share.
package struct EarlierCopy: Sendable {
    package let layer: LayerID
    /// The layer's files.
    package let root: SharedDirectory
    /// The SHA-256 of each file that was copied, by its path.
    package let digests: PathTable
}

extension Snapshotter {
    /// What the copy called `source` made the last time; `nil` if that is gone.
    ///
    /// Nobody removes it from then on, as long as this process lives.
    package func earlierCopy(of source: Digest) throws -> EarlierCopy? {
        guard let layer = try database.copy(source), try contains(Snapshot(layers: [layer])),
            let digests = copiedFiles(of: layer)
        else { return nil }
        return EarlierCopy(layer: layer, root: SharedDirectory(try open(layer)), digests: digests)
    }

    /// The digests of what was copied into a layer; `nil` if there are none.
    func copiedFiles(of layer: LayerID) -> PathTable? {
        guard let home = try? Directory.open(path(of: layer).parent) else { return nil }
        return CopiedFiles.read(from: home)
    }
}
