import LinuxSystem

/// What a content's digest says of one file.
package struct ContentEntry: Hashable, Sendable {
    /// Relative to the root of the tree that the content is selected from.
    package var path: Path
    package var kind: FileKind
    /// The permission bits.
    package var permissions: UInt32
    package var uid: UInt32
    package var gid: UInt32
    /// Of a regular file, in bytes.
    package var size: Int64
    /// The first 16 bytes of the SHA-256 of a regular file's bytes; the target of a link; major and minor number of a
    /// device, as text.
    package var content: [UInt8]
    /// The first 16 bytes of the SHA-256 of the extended attributes; empty where there are none.
    package var attributes: [UInt8]

    /// How much of a digest is kept, in bytes: it is for people.
    package static let digestSize = 16

    package init(_ path: Path, _ status: FileStatus, content: [UInt8] = [], attributes: [UInt8] = []) {
        self.path = path
        kind = status.kind
        permissions = status.permissions
        uid = status.uid
        gid = status.gid
        size = status.kind == .regular ? status.size : 0
        self.content = content
        self.attributes = attributes
    }

    init(_ path: Path, kind: FileKind, numbers: [UInt64], content: [UInt8], attributes: [UInt8]) {
        self.path = path
        self.kind = kind
        permissions = UInt32(truncatingIfNeeded: numbers[0])
        uid = UInt32(truncatingIfNeeded: numbers[1])
        gid = UInt32(truncatingIfNeeded: numbers[2])
        size = Int64(truncatingIfNeeded: numbers[3])
        self.content = content
        self.attributes = attributes
    }
}
