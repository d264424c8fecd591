/// A small tmpfs on a directory, for full disks and read-only ones; needs root.
struct TemporaryFileSystem: ~Copyable {
    private let path: String

    /// Mounts a tmpfs with these options, such as `size=2m`.
    init(at path: String, options: String) throws {
        try Command.check("mount", ["-t", "tmpfs", "-o", "mode=777,\(options)", "tmpfs", path])
        self.path = path
    }

    deinit { Self.unmount(path) }

    /// Unmounts it now.
    consuming func unmount() {}

    private static func unmount(_ path: String) { _ = try? Command("umount", ["-l", path]).run() }
}
