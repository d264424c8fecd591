import LinuxSystem
import OCI
import Storage

/// Lets a copy take the files that have not changed from the layer that it made the last time, by hard links.
///
/// A layer's files are never written to, so nobody can tell but by the number of their names. A file is taken where bytes,
/// mode, owner and time are the same at the same path; two paths never become one file that way.
final class CopySharing {
    private let earlier: EarlierCopy?
    private var cursor = 0
    private var copied: CopiedFiles

    /// For the copy called `source`, which made `earlier` the last time.
    init(_ source: Digest, _ earlier: EarlierCopy?) {
        self.earlier = earlier
        copied = CopiedFiles(source)
    }

    /// The earlier layer's directory at `path`; `nil` if there is none.
    func directory(_ path: Path) -> SharedDirectory? {
        guard let earlier else { return nil }
        if path.isEmpty { return earlier.root }
        guard let opened = try? earlier.root.directory.openDirectory(path, .noSymlinks) else { return nil }
        return SharedDirectory(opened)
    }

    /// Notes that the file at `path` of the layer has this SHA-256; tells whether the earlier layer has the same there.
    func note(_ path: Path, _ hash: [UInt8]) -> Bool {
        hash.withUnsafeBytes { hash in
            copied.digests.append(path, hash)
            guard let earlier, let index = earlier.digests.index(of: path, &cursor) else { return false }
            return earlier.digests.withValue(at: index) { $0.elementsEqual(hash) }
        }
    }

    /// Notes that the file at `path` of the layer is not for the next one, whatever was noted of it before.
    func forget(_ path: Path) {
        // No file has this digest; of several for one path the last one counts.
        withUnsafeBytes(of: SIMD32<UInt8>.zero) { copied.digests.append(path, $0) }
    }

    /// The same for everything so far: something else may stand in its place.
    func forgetAll() {
        copied.digests = PathTable(valueSize: CopiedFiles.digestSize)
    }

    /// What the layer holds, for the next one.
    func finish() -> CopiedFiles {
        copied.digests.sort()
        return copied
    }

    /// Counts a file of the earlier layer as one of the new layer.
    func add(_ status: FileStatus) {
        guard let earlier else { return }
        let size = copied.sharing?.size ?? 0
        copied.sharing = FileSharing(layer: earlier.layer, size: size + status.allocatedSize)
    }
}
