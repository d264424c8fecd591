import LinuxSystem
import OCI

/// Adds a record of each visited entry to a hash.
struct DigestVisitor: SourceVisitor {
    let tree: SourceTree
    /// Where the walked item is in the tree.
    let base: Path
    /// Whether the item's own metadata counts, if it is a directory; its mode and owner don't reach a copy of its
    /// contents.
    let omitsRoot: Bool
    var hasher: DigestHasher
    private var buffer = [UInt8](repeating: 0, count: 1 << 17)

    init(tree: SourceTree, base: Path, omitsRoot: Bool, hasher: DigestHasher) {
        self.tree = tree
        self.base = base
        self.omitsRoot = omitsRoot
        self.hasher = hasher
    }

    mutating func enter(_ path: Path, _ status: FileStatus, _ directory: borrowing Directory) {
        hasher.update(framed: path.bytes)
        guard !(path.isEmpty && omitsRoot) else { return hasher.update("d;") }
        hasher.update("d \(status.permissions) \(status.uid) \(status.gid);")
    }

    mutating func leave(_ path: Path, _ status: FileStatus) {}

    mutating func visit(_ path: Path, _ status: FileStatus, name: Path, in parent: borrowing Directory) throws {
        hasher.update(framed: path.bytes)
        hasher.update("\(status.kind) \(status.kind == .symlink ? 0o777 : status.permissions) ")
        hasher.update("\(status.uid) \(status.gid) ")
        switch status.kind {
        case .regular:
            hasher.update("\(status.size) ")
            hasher.update(try digest(of: base.appending(path), status, name: name, in: parent).hex)
            if tree.keepsAttributes,
                let capability = try parent.extendedAttribute(name, name: FileAttributes.capability)
            {
                hasher.update(framed: capability)
            }
        case .symlink: hasher.update(framed: try parent.readLink(name).bytes)
        case .characterDevice, .blockDevice: hasher.update("\(status.deviceMajor):\(status.deviceMinor)")
        case .fifo, .socket, .directory: break
        }
        hasher.update(";")
    }

    /// The digest of a file's bytes, from the index where the file has not changed since.
    private mutating func digest(
        of path: Path,
        _ status: FileStatus,
        name: Path,
        in parent: borrowing Directory
    ) throws -> Digest {
        if let known = tree.index?.digest(of: path, status) { return known }
        let file = try parent.openFile(name, [.readOnly, .noFollow, .nonBlocking])
        let before = try file.status()
        var content = DigestHasher()
        while true {
            let count = try buffer.withUnsafeMutableBytes { bytes in
                let count = try file.read(into: bytes)
                content.update(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
                return count
            }
            if count == 0 { break }
        }
        let digest = content.finalize()
        try tree.index?.record(path, before: before, after: try file.status(), digest)
        return digest
    }
}
