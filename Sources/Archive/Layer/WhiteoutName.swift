import LinuxSystem

/// What the last component of a name in a layer means (OCI image layer specification, "Whiteouts").
enum WhiteoutName: Hashable {
    /// A file of that name.
    case ordinary
    /// `.wh.<name>`: the name is gone.
    case deleted(Path)
    /// `.wh..wh..opq`: nothing of the layers below is seen in this directory.
    case opaque
    /// `.wh..wh.…`: bookkeeping of AUFS, which makes nothing.
    case bookkeeping
    /// `.wh.` of nothing, of `.` or of `..`.
    case invalid

    static let prefix: [UInt8] = Array(".wh.".utf8)

    init(_ name: Path) {
        guard name.bytes.starts(with: Self.prefix) else {
            self = .ordinary
            return
        }
        let deleted = Path(bytes: Array(name.bytes.dropFirst(Self.prefix.count)))
        self =
            if name == ".wh..wh..opq" {
                .opaque
            } else if deleted.isEmpty || deleted == "." || deleted == ".." {
                .invalid
            } else if deleted.bytes.starts(with: Self.prefix) {
                .bookkeeping
            } else {
                .deleted(deleted)
            }
    }

    /// The name of the entry that hides `name`.
    static func hiding(_ name: Path) -> Path {
        Path(bytes: prefix + name.bytes)
    }
}

/// The extended attributes that overlayfs keeps for itself, and the record of an owner; they never enter or leave an archive.
package enum OverlayAttribute {
    static func isPrivate(_ name: Path) -> Bool { name == OwnerRecord.attribute || isMark(name) }

    /// Whether overlayfs keeps the attribute for itself.
    package static func isMark(_ name: Path) -> Bool { prefixes.contains { name.bytes.starts(with: $0) } }

    private static let prefixes = [Array("trusted.overlay.".utf8), Array("user.overlay.".utf8)]
}
