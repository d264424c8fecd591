import LinuxSystem
import OCI

/// Adds a record of each visited entry; files are read by other threads.
struct DigestVisitor: SourceVisitor {
    let tree: SourceTree
    /// Where the walked item is in the tree.
    let base: Path
    /// Whether the item's own metadata is left out, if it is a directory: its mode and owner don't reach a copy of its
    /// contents.
    let omitsRoot: Bool
    let workers: WorkerThreads
    let cancellation: CancellationFlag
    var records: ContentRecords

    mutating func enter(_ path: Path, _ status: FileStatus, _ directory: borrowing Directory) throws {
        records.directories[base.appending(path)] = status.changed
        records.append(framed: path.bytes)
        if path.isEmpty, omitsRoot { return records.append("d;") }
        records.append("d \(status.permissions) \(status.uid) \(status.gid)")
        if tree.keepsAttributes { append(try directory.contentAttributes(".")) }
        records.append(";")
    }

    private mutating func append(_ attributes: [ExtendedAttribute]) {
        for attribute in attributes {
            records.append(framed: attribute.name.bytes)
            records.append(framed: attribute.value)
        }
    }

    mutating func leave(_ path: Path, _ status: FileStatus) {}

    mutating func visit(_ path: Path, _ status: FileStatus, name: Path, in parent: borrowing Directory) throws {
        let permissions = status.kind == .symlink ? 0o777 : status.permissions
        records.append(framed: path.bytes)
        records.append("\(status.kind.rawValue) \(permissions) \(status.uid) \(status.gid) ")
        if status.kind != .regular { tree.index?.note(base.appending(path), status) }
        switch status.kind {
        case .regular:
            records.append("\(status.size) ")
            try appendHash(of: base.appending(path), status, name: name, in: parent)
            if tree.keepsAttributes { append(try parent.contentAttributes(name)) }
        case .symlink: records.append(framed: try parent.readLink(name).bytes)
        case .characterDevice, .blockDevice: records.append("\(status.deviceMajor):\(status.deviceMinor)")
        case .fifo, .socket, .directory: break
        }
        records.append(";")
        if records.isLarge {
            try workers.drain()
            records.flush()
        }
    }

    /// Adds the hash of a file's bytes, from the index where the file has not changed since.
    private mutating func appendHash(
        of path: Path,
        _ status: FileStatus,
        name: Path,
        in parent: borrowing Directory
    ) throws {
        if let known = tree.index?.hash(of: path, status) { return records.append(known) }
        let file = SharedDescriptor(try parent.openFile(name, [.readOnly, .noFollow, .nonBlocking]))
        let gap = records.appendGap()
        try workers.submit { [tree, cancellation] in
            let before = try file.descriptor.status()
            let hash = try hash(of: file.descriptor, size: before.size, cancellation)
            let after = try file.descriptor.status()
            guard tree.isUnchanged(before, after) else { throw OperationError.changedDuringBuild(path.string) }
            gap.fill(hash)
            tree.index?.record(path, before, hash)
        }
    }
}

/// The SHA-256 of what is in an open file, of which `size` bytes are expected; one that has another size by now gives
/// some hash, and its new status tells.
private func hash(
    of file: borrowing FileDescriptor,
    size: Int64,
    _ cancellation: CancellationFlag
) throws -> [UInt8] {
    try withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 64) { buffer in
        var hasher = DigestHasher()
        var total: Int64 = 0
        // Files of the kernel say that they are empty.
        while total < size || size == 0 {
            try cancellation.check()
            let count = try file.read(into: buffer)
            if count == 0 { break }
            hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            total += Int64(count)
        }
        return hasher.finalizeBytes()
    }
}
