import CLinux

/// What the filesystem of the cache directory is and can do.
package struct CachePlace: Hashable, Sendable {
    /// Its name, such as `ext4`; a hexadecimal number where it is not known.
    package let kind: String
    /// What it still holds, in bytes.
    package let space: DiskSpace
    /// Whether files can share blocks (FICLONE), found by doing it.
    package let clones: Bool

    /// Looks at the directory, which is made where it is missing.
    package init(_ cache: Path) throws(SystemError) {
        let place = ProbePlace(cache)
        let directory = try Directory.open(place.path.get())
        kind = Self.name(directory.descriptor.filesystemMagic)
        space = try directory.descriptor.diskSpace()
        try directory.writeFile("original", [UInt8](repeating: 1, count: 1 << 16))
        let original = try directory.openFile("original")
        let clone = try directory.openFile("clone", [.writeOnly, .create])
        clones = clinux_clone_file(original.raw, clone.raw) == 0
    }

    /// The filesystem with a magic number of `statfs(2)`.
    static func name(_ magic: UInt64) -> String {
        names[magic] ?? "0x\(String(magic, radix: 16))"
    }

    private static let names: [UInt64: String] = [
        0xef53: "ext4", 0x5846_5342: "xfs", 0x9123_683e: "btrfs", 0x0102_1994: "tmpfs", 0x794c_7630: "overlay",
        0x6969: "nfs", 0x2fc1_2fc1: "zfs", 0x6573_5546: "fuse", 0xca45_1a4e: "bcachefs", 0xf2f5_2010: "f2fs",
        0x0102_1997: "9p", 0xff53_4d42: "cifs", 0x00c3_6400: "ceph", 0x0bd0_0bd0: "lustre",
    ]
}
