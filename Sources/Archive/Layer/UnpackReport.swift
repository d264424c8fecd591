import LinuxSystem
import OCI

/// What unpacking did beside making what the archive says.
package struct UnpackReport: Hashable, Sendable {
    /// The digest of the uncompressed stream, with everything after the end of the archive.
    package internal(set) var diffID: Digest
    /// Bytes of the uncompressed stream.
    package internal(set) var unpackedSize: Int64
    /// What was made and left out.
    package internal(set) var changes: UnpackChanges
}

/// The notes of an unpacked archive; all paths are relative to the root, without links.
package struct UnpackChanges: Hashable, Sendable {
    /// A hard link whose target is not in this layer.
    package struct MissingLink: Hashable, Sendable {
        package var path: Path
        package var target: Path
    }

    /// Something that the kernel does not let us make.
    package struct Skipped: Hashable, Sendable {
        /// What was left out of an entry.
        package enum Part: Hashable, Sendable {
            /// The whole entry, a device node.
            case device
            /// Its owner.
            case owner(uid: UInt32, gid: UInt32)
            /// An extended attribute.
            case attribute(Path)
        }

        package var path: Path
        package var part: Part
    }

    /// How many entries the archive has.
    package internal(set) var entries = 0
    /// Directories that entries needed and that no entry described, topmost first: mode 0755, time 0.
    ///
    /// They should look like those of the layers below, where there are any.
    package internal(set) var impliedDirectories: [Path] = []
    /// Links that could not be made, because the target may be in a layer below; in the order of the archive.
    package internal(set) var missingLinks: [MissingLink] = []
    /// The first thousand things that were left out.
    package internal(set) var skipped: [Skipped] = []
    /// How many things were left out.
    package internal(set) var skippedCount = 0
    /// Whether the root itself is opaque, which an overlay mount cannot say: hide each name of the layers below instead.
    package internal(set) var hidesParentRoot = false

    /// Whether the layer is incomplete without the layers below it.
    package var needsParent: Bool { hidesParentRoot || !impliedDirectories.isEmpty || !missingLinks.isEmpty }

    mutating func skip(_ path: Path, _ part: Skipped.Part) {
        skippedCount += 1
        if skipped.count < 1000 { skipped.append(Skipped(path: path, part: part)) }
    }
}

/// What becomes of owners that the kernel refuses to set.
package enum OwnershipMode: Hashable, Sendable {
    /// They are errors.
    case real
    /// They are left out and reported: with one id mapped there is nobody else.
    case ignoreRefused
}

/// A user and a group.
package struct FileOwner: Hashable, Sendable {
    package var uid: UInt32
    package var gid: UInt32

    package init(uid: UInt32, gid: UInt32) {
        self.uid = uid
        self.gid = gid
    }
}
