import LinuxSystem
import OCI
import Storage

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

    mutating func enter(_ path: Path, _ status: FileStatus, _ directory: SharedDirectory) throws {
        records.directories[base.appending(path)] = status.changed
        records.append(framed: path.bytes)
        if path.isEmpty, omitsRoot { return records.append("d;") }
        records.append("d ")
        append(status, permissions: status.permissions, then: nil)
        let attributes = tree.keepsAttributes ? try directory.directory.contentAttributes(".") : []
        append(attributes)
        records.append(";")
        list(path, status, attributes: attributes)
    }

    private mutating func append(
        _ status: FileStatus,
        permissions: UInt32,
        then end: UInt8? = UInt8(ascii: " ")
    ) {
        records.append(permissions)
        records.append(status.uid)
        records.append(status.gid, then: end)
    }

    private mutating func append(_ attributes: [ExtendedAttribute]) {
        for attribute in attributes {
            records.append(framed: attribute.name.bytes)
            records.append(framed: attribute.value)
        }
    }

    mutating func leave(_ path: Path, _ status: FileStatus) {}

    mutating func visit(_ path: Path, _ status: FileStatus, name: Path, in parent: SharedDirectory) throws {
        records.append(framed: path.bytes)
        records.append(status.kind.rawValue)
        append(status, permissions: status.kind == .symlink ? 0o777 : status.permissions)
        if status.kind != .regular { tree.index?.note(base.appending(path), status) }
        switch status.kind {
        case .regular:
            records.append(UInt64(max(0, status.size)))
            let gap = try appendHash(of: base.appending(path), status, name: name, in: parent)
            let attributes = tree.keepsAttributes ? try parent.directory.contentAttributes(name) : []
            append(attributes)
            list(path, status, attributes: attributes, gap)
        case .symlink:
            let target = try parent.directory.readLink(name).bytes
            records.append(framed: target)
            list(path, status, content: target)
        case .characterDevice, .blockDevice:
            records.append(status.deviceNumbers)
            list(path, status, content: status.deviceNumbers)
        case .fifo, .socket, .directory: list(path, status)
        }
        records.append(";")
        if records.isLarge {
            try workers.drain()
            records.flush()
        }
    }

    /// Adds an entry to the listing, if one is made.
    private mutating func list(
        _ path: Path,
        _ status: FileStatus,
        content: [UInt8] = [],
        attributes: [ExtendedAttribute] = [],
        _ gap: ContentRecords.Gap? = nil
    ) {
        guard records.isListed else { return }
        let attributes = attributes.summary
        records.list(ContentEntry(base.appending(path), status, content: content, attributes: attributes), gap)
    }

    /// Adds the hash of a file's bytes, from the index where the file has not changed since; else gives the gap that it will
    /// be in.
    private mutating func appendHash(
        of path: Path,
        _ status: FileStatus,
        name: Path,
        in parent: SharedDirectory
    ) throws -> ContentRecords.Gap? {
        if let index = tree.index, records.append(hashOf: path, status, from: index) { return nil }
        let file = SharedDescriptor(try parent.directory.openFile(name, [.readOnly, .noFollow, .nonBlocking]))
        // Files that were not read lately come from the disk many at a time.
        file.descriptor.readAhead(min(status.size, 1 << 20))
        let gap = records.appendGap()
        try workers.submit(size: status.size) { [tree, cancellation] in
            let before = try file.descriptor.status()
            let hash = try hash(of: file.descriptor, size: before.size, cancellation)
            let after = try file.descriptor.status()
            guard tree.isUnchanged(before, after) else { throw OperationError.changedDuringBuild(path.string) }
            gap.fill(hash)
            tree.index?.record(path, before, hash)
        }
        return gap
    }
}

extension [ExtendedAttribute] {
    /// The beginning of their digest; nothing where there are none.
    fileprivate var summary: [UInt8] {
        if isEmpty { return [] }
        var hasher = DigestHasher()
        for attribute in self {
            hasher.update(attribute.name.bytes + [0])
            hasher.update(attribute.value)
        }
        return [UInt8](hasher.finalizeBytes().prefix(ContentEntry.digestSize))
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
