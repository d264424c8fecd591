import LinuxSystem

/// One entry of a tar archive, as its headers describe it.
package struct TarEntry: Hashable, Sendable {
    /// What an entry makes.
    package enum Kind: Hashable, Sendable {
        case regular
        case directory
        case symlink
        case hardLink
        case characterDevice
        case blockDevice
        case fifo
    }

    /// The name, exactly as written in the archive; directories may or may not end in `/`.
    package var path: Path
    package var kind: Kind
    /// The low twelve bits of the mode.
    package var permissions: UInt32
    package var uid: UInt32
    package var gid: UInt32
    /// Bytes of content; 0 for everything but regular files.
    package var size: Int64
    package var modified: FileTime
    /// Where a symbolic or hard link points.
    package var linkTarget: Path?
    package var deviceMajor: UInt32
    package var deviceMinor: UInt32
    package var extendedAttributes: [ExtendedAttribute]

    package init(
        path: Path,
        kind: Kind,
        permissions: UInt32 = 0o644,
        uid: UInt32 = 0,
        gid: UInt32 = 0,
        size: Int64 = 0,
        modified: FileTime = FileTime(seconds: 0),
        linkTarget: Path? = nil
    ) {
        self.path = path
        self.kind = kind
        self.permissions = permissions
        self.uid = uid
        self.gid = gid
        self.size = size
        self.modified = modified
        self.linkTarget = linkTarget
        deviceMajor = 0
        deviceMinor = 0
        extendedAttributes = []
    }
}

extension TarEntry.Kind {
    /// The kind that a file is recorded as; nil for sockets, which no archive holds.
    package init?(_ kind: FileKind) {
        switch kind {
        case .regular: self = .regular
        case .directory: self = .directory
        case .symlink: self = .symlink
        case .characterDevice: self = .characterDevice
        case .blockDevice: self = .blockDevice
        case .fifo: self = .fifo
        case .socket: return nil
        }
    }

    /// POSIX ustar `typeflag`.
    var typeFlag: UInt8 {
        switch self {
        case .regular: UInt8(ascii: "0")
        case .hardLink: UInt8(ascii: "1")
        case .symlink: UInt8(ascii: "2")
        case .characterDevice: UInt8(ascii: "3")
        case .blockDevice: UInt8(ascii: "4")
        case .directory: UInt8(ascii: "5")
        case .fifo: UInt8(ascii: "6")
        }
    }
}
