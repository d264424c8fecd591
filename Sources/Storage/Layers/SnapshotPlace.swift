import Glibc
import LinuxSystem
import OCI

/// Where snapshots lie, and how they become trees: found by mounting an overlay, once for each boot.
struct SnapshotPlace: Hashable {
    let kind: SnapshotKind
    /// The directory that holds them; `nil` for the cache directory itself.
    let elsewhere: Path?
    /// Why they are not overlays in the cache directory; `nil` if they are.
    let note: String?

    /// What a verdict is kept as, in the cache directory.
    private static let name: Path = "snapshot-place"
    /// A place in memory must have room for some images, in bytes.
    private static let leastRoom: Int64 = 4 << 30

    /// The best place for a cache directory in which overlays would have `userxattr`: itself, else a directory of ours
    /// below one of `alternatives`, else itself with plain trees.
    static func find(
        _ cache: borrowing Directory,
        userxattr: Bool,
        alternatives: () -> [Path]
    ) throws -> SnapshotPlace {
        let key = verdictKey(cache, userxattr: userxattr)
        if let known = read(cache, key, userxattr: userxattr) { return known }
        // All of them must come to the same verdict: what one records, the others look for in its place.
        let lock = try FileLock.acquire("locks/snapshot-place", in: cache, .exclusive)
        defer { withExtendedLifetime(lock.descriptor.raw) {} }
        if let known = read(cache, key, userxattr: userxattr) { return known }
        let found = probe(cache, userxattr: userxattr, alternatives: alternatives())
        found.write(cache, key)
        return found
    }

    private static func probe(
        _ cache: borrowing Directory,
        userxattr: Bool,
        alternatives: [Path]
    ) -> SnapshotPlace {
        let kind = SnapshotKind.overlay(userxattr: userxattr)
        do throws(SystemError) {
            try tryOverlay(in: cache, userxattr: userxattr)
            return SnapshotPlace(kind: kind, elsewhere: nil, note: nil)
        } catch {
            let reason = "overlay cannot lie on the cache directory (\(SystemError.reason(error.code)))"
            for path in alternatives {
                guard let place = try? claim(path, for: cache), let opened = try? Directory.open(place),
                    (try? DetachedMount.tryOverlay(in: opened, userxattr: userxattr)) != nil
                else { continue }
                return SnapshotPlace(kind: kind, elsewhere: place, note: "\(reason): snapshots are in `\(place)`")
            }
            return SnapshotPlace(kind: .plain, elsewhere: nil, note: "\(reason): files are copied for steps")
        }
    }

    /// Tries in a directory that nobody takes for a leftover meanwhile.
    private static func tryOverlay(in cache: borrowing Directory, userxattr: Bool) throws(SystemError) {
        do {
            let temporary = try TemporaryDirectory(in: cache, root: "")
            try DetachedMount.tryOverlay(in: temporary.directory, userxattr: userxattr)
        } catch {
            throw error as? SystemError ?? SystemError("try overlay", code: EIO)
        }
    }

    /// A directory of ours below `path`, for this cache directory alone.
    private static func claim(_ path: Path, for cache: borrowing Directory) throws -> Path? {
        let home = try Directory.open(path)
        guard try path != "/dev/shm" || home.descriptor.diskSpace().available >= leastRoom else { return nil }
        // Nobody else may have made it, or may look into it.
        let name = Path("swbuild-\(geteuid())")
        try? home.makeDirectory(name, mode: 0o700)
        let status = try home.status(name, .noSymlinks)
        guard status.kind == .directory, status.uid == geteuid(), status.permissions & 0o077 == 0 else { return nil }
        let own = Path(String(Digest.sha256(of: try cache.currentPath().string).hex.prefix(16)))
        try home.openDirectory(name, .noSymlinks).makeDirectories(own, mode: 0o700)
        return path.appending(name).appending(own)
    }

    // MARK: The verdict

    /// What it depends on: the boot, the file system and the marks.
    private static func verdictKey(_ cache: borrowing Directory, userxattr: Bool) -> String {
        let device = try? cache.descriptor.status().device
        return "\(Process.bootID ?? "") \(device ?? 0) \(userxattr) \(geteuid())"
    }

    private static func read(_ cache: borrowing Directory, _ key: String, userxattr: Bool) -> SnapshotPlace? {
        guard let bytes = try? cache.readFile(name, limit: 1 << 14) else { return nil }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == 4, lines[0] == key else { return nil }
        if lines[2].isEmpty { return SnapshotPlace(kind: .overlay(userxattr: userxattr), elsewhere: nil, note: nil) }
        if lines[1].isEmpty { return SnapshotPlace(kind: .plain, elsewhere: nil, note: String(lines[2])) }
        let place = Path(String(lines[1]))
        // What lies in a directory for temporary files may go.
        guard let status = try? FileStatus.of(place), status.kind == .directory, status.uid == geteuid() else {
            return nil
        }
        return SnapshotPlace(kind: .overlay(userxattr: userxattr), elsewhere: place, note: String(lines[2]))
    }

    /// Keeps the verdict, atomically; without success the next process tries again.
    private func write(_ cache: borrowing Directory, _ key: String) {
        let text = "\(key)\n\(elsewhere?.string ?? "")\n\(note ?? "")\n"
        try? cache.replaceFile(Self.name, with: Array(text.utf8))
    }
}

/// Where snapshots may lie if not in the cache directory: directories for temporary files, and volumes that nobody
/// uses; `environment` gives `TMPDIR`.
package func snapshotAlternatives(environment: (String) -> String?) -> [Path] {
    var paths: [Path] = []
    if let temporary = environment("TMPDIR"), temporary.hasPrefix("/") { paths.append(Path(temporary)) }
    paths += ["/var/tmp", "/tmp"]
    return paths + unusedVolumes() + ["/dev/shm"]
}

/// Mounted disks whose root directory is empty or holds only what is ours: what else may be in one, such as a project,
/// is nobody's to write to.
private func unusedVolumes() -> [Path] {
    guard let bytes = try? FileDescriptor.open("/proc/self/mountinfo").readAll(limit: 1 << 20) else { return [] }
    let disks: Set<String> = ["ext4", "xfs", "btrfs", "tmpfs", "f2fs", "bcachefs"]
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { line in
        // "36 35 98:0 /root /mount/point rw,noatime shared:1 - ext4 /dev/vda rw"
        let parts = line.split(separator: " ")
        guard let dash = parts.firstIndex(of: "-"), parts.count > dash + 1, parts.count > 5,
            disks.contains(String(parts[dash + 1])), parts[5].split(separator: ",").contains("rw")
        else { return nil }
        let path = Path(String(parts[4]))
        let isSystem = (["/dev", "/proc", "/sys", "/run", "/etc"] as [Path]).contains { path.isWithin($0) }
        guard !isSystem, path != "/", let names = try? Directory.open(path).entries().map(\.name) else { return nil }
        let own = Path("swbuild-\(geteuid())")
        return names.allSatisfy { $0 == own || $0 == "lost+found" } ? path : nil
    }
}
