import Glibc
import LinuxSystem
import OCI
import Storage
import Synchronization

/// Lets a copy take the files that have not changed from the layer that it made the last time, by hard links.
///
/// A layer's files are never written to, so nobody can tell but by the number of their names. A file is taken where bytes,
/// mode, owner and time are the same at the same path; two paths never become one file that way.
final class CopySharing {
    private let earlier: EarlierCopy?
    /// The files of the earlier layer that the new layer has taken.
    let taken = TakenFiles()
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
        if let earlier { copied.take(taken.sizes, from: earlier.layer) }
        return copied
    }
}

/// Counts the files of an earlier layer that a new one has taken, by any thread.
final class TakenFiles: Sendable {
    private let state = Mutex<[UInt64: Int64]>([:])

    /// Their bytes on the disk by their inodes.
    var sizes: [UInt64: Int64] { state.withLock(\.self) }

    func add(_ file: FileStatus) { state.withLock { $0[file.inode] = file.allocatedSize } }
}

/// A file of the earlier layer of a copy, which may become one of the new layer under the same name.
struct EarlierFile: Sendable {
    let name: Path
    /// Where it is in the earlier layer.
    let directory: SharedDirectory
    /// The same directory of the new layer.
    let layer: SharedDirectory
    let taken: TakenFiles

    /// Gives it its name in the new layer, where it is what copying a file of this status would make; false where it is not, may
    /// not have more names, or a directory has this one.
    func link(_ status: FileStatus, _ files: FileCopier) throws -> Bool {
        guard let file = try directory.directory.statusIfExists(name, .noSymlinks), files.isCopy(file, of: status),
            try link()
        else { return false }
        taken.add(file)
        return true
    }

    private func link() throws -> Bool {
        for _ in 0..<2 {
            do {
                try directory.directory.link(name, to: name, in: layer.directory)
                return true
            } catch {
                guard error.code == EEXIST, try layer.directory.status(name, .noSymlinks).kind != .directory else {
                    return false
                }
                try layer.directory.remove(name)
            }
        }
        return false
    }
}
