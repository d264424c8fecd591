import LinuxSystem
import OCI

/// Applies a layer to a directory in the form of an overlay upper directory.
///
/// Whiteouts and opaque directories become `LayerMarks`; overlayfs' attributes in the layer itself are dropped. The stream is read once: it is decompressed, hashed and unpacked in the same pass, in bounded memory.
/// What was unpacked before an error stays, for the caller to remove.
package struct LayerUnpacker: ~Copyable {
    private let tree: ContainedTree
    private let cancellation: CancellationFlag?

    /// Unpacks below `directory`, which must be empty, and private to the caller until the end.
    package init(
        into directory: borrowing Directory,
        ownership: OwnershipMode,
        marks: LayerMarks,
        cancellation: CancellationFlag? = nil
    ) throws {
        let policy = ContainedTree.Policy(
            ownership: ownership,
            owner: nil,
            bestEffortAttributes: false,
            marks: marks
        )
        tree = try ContainedTree(directory, policy)
        self.cancellation = cancellation
    }

    /// Reads the whole of `source`, in `format` or (nil) what its first bytes say; errors name the entry and `layer`.
    package consuming func unpack<Source: ByteSource & ~Copyable>(
        _ source: consuming Source,
        format: CompressionFormat? = nil,
        layer: String
    ) throws -> UnpackReport {
        let meter = StreamMeter()
        do {
            let stream = MeteredSource(try DecompressingSource(source, format: format), meter: meter)
            var reader = try TarReader(stream)
            while let entry = try reader.next() {
                try cancellation?.check()
                try tree.put(entry, from: &reader)
            }
            try reader.drain()
            try tree.finish()
        } catch let error as ArchiveError {
            throw ArchiveError.layer(layer, error)
        }
        return UnpackReport(diffID: meter.digest, unpackedSize: meter.count, changes: tree.changes)
    }
}
