import BuildGraph
import LinuxSystem
import OCI
import Storage

// A context on standard input, which is from then on like one behind a URL.
extension HTTPFiles {
    /// Reads all of `input`, and takes an archive for a file that was fetched from a source of no server's.
    ///
    /// Gives the source, or the bytes of what is no archive; of those, more than `limit` is an error.
    package func take(_ input: SharedDescriptor, name: String, limit: Int) async throws -> TakenInput {
        var source = HTTPSource(url: "-", filename: name)
        let active = try cache.snapshots.prepare(parent: .empty)
        let file = SharedDescriptor(try Self.create(Path(name), in: active.upper))
        let digest = try await BlockingThread.run("read input") { flag in
            try Self.copy(input.descriptor, to: file.descriptor, flag)
        }
        guard try ContextArchive.isArchive(file.descriptor) else {
            return .text(try file.descriptor.readAll(limit: limit))
        }
        try setAttributes(file.descriptor, of: source, modified: 0)
        let key = snapshotKey(digest, source, Path(name), modified: 0)
        let snapshot = try cache.snapshots.commit(active, key: key, description: "standard input")
        source.checksum = digest
        _ = remember(File(snapshot: snapshot, name: Path(name), digest: digest, modified: 0), source)
        return .archive(source)
    }

    /// What came from elsewhere than a server.
    package enum TakenInput: Hashable, Sendable {
        case archive(HTTPSource)
        case text([UInt8])
    }

    /// Copies to the end and goes back to the start of the copy; gives the digest.
    private static func copy(
        _ input: borrowing FileDescriptor,
        to file: borrowing FileDescriptor,
        _ cancellation: CancellationFlag
    ) throws -> Digest {
        var hasher = DigestHasher(.sha256)
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            // Whoever writes may be slow, or never come to an end.
            try input.waitUntilReadable(cancellation)
            let count = try buffer.withUnsafeMutableBytes { bytes in
                let count = try input.read(into: bytes)
                let part = UnsafeRawBufferPointer(rebasing: bytes[..<count])
                try file.writeAll(part)
                hasher.update(part)
                return count
            }
            if count == 0 { break }
        }
        try file.seek(to: 0)
        return hasher.finalize()
    }
}
