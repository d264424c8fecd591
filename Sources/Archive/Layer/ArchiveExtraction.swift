import LinuxSystem

/// How `ADD` extracts an archive.
package struct ExtractionOptions: Hashable, Sendable {
    /// Given to everything instead of the owners in the archive (`--chown`).
    package var owner: FileOwner?
    package var ownership: OwnershipMode

    package init(owner: FileOwner? = nil, ownership: OwnershipMode = .real) {
        self.owner = owner
        self.ownership = ownership
    }
}

/// Extracts a tar archive, compressed or not, below `directory`, which is its root: no name or link leads out of it.
///
/// Owners, modes and times are the archive's; extended attributes are set where that is possible; `.wh.` means nothing. A
/// hard link without its target is an error.
@discardableResult
package func extractArchive<Source: ByteSource & ~Copyable>(
    _ source: consuming Source,
    into directory: borrowing Directory,
    options: ExtractionOptions = ExtractionOptions(),
    cancellation: CancellationFlag? = nil
) throws -> UnpackChanges {
    let policy = ContainedTree.Policy(
        ownership: options.ownership,
        owner: options.owner,
        bestEffortAttributes: true,
        marks: nil
    )
    let tree = try ContainedTree(directory, policy)
    var reader = try TarReader(try DecompressingSource(source))
    while let entry = try reader.next() {
        try cancellation?.check()
        try tree.put(entry, from: &reader)
        if let missing = tree.changes.missingLinks.first {
            throw ArchiveError.refused(
                entry: missing.path,
                reason: "the target `\(missing.target)` of the hard link does not exist"
            )
        }
    }
    try reader.drain()
    try tree.finish()
    return tree.changes
}

/// Whether a file is a tar archive with at least one entry, by its content alone: plain, gzip, bzip2, xz or zstd.
///
/// Reads from the start and moves no offset. Compressed files of other kinds, and damaged ones, are none.
package func isArchive(_ descriptor: borrowing FileDescriptor) throws(SystemError) -> Bool {
    guard try descriptor.status().kind == .regular else { return false }
    let source = PositionedSource(try descriptor.duplicate())
    do {
        var reader = try TarReader(try DecompressingSource(source))
        return try reader.next() != nil
    } catch let error as SystemError {
        throw error
    } catch {
        return false
    }
}

/// Reads a file by offsets of its own.
private struct PositionedSource: ByteSource, ~Copyable {
    private let descriptor: FileDescriptor
    private var offset: Int64 = 0

    init(_ descriptor: consuming FileDescriptor) {
        self.descriptor = descriptor
    }

    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = try descriptor.read(into: buffer, at: offset)
        offset += Int64(count)
        return count
    }
}
