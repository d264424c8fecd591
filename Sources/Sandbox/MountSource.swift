import LinuxSystem

/// What is mounted, by paths of the builder.
package enum MountSource: Hashable, Sendable, CustomStringConvertible {
    /// A directory, a file, a socket or a device.
    case path(Path)
    /// Layers seen as one tree.
    case overlay(OverlayLayers)

    package var description: String {
        switch self {
        case .path(let path): "`\(path)`"
        case .overlay(let layers): "overlay of \(layers.lower.count) layers"
        }
    }
}

/// The directories of an overlay mount.
///
/// The kernel wants an upper directory or two lower ones, and takes at most 500 lower ones.
package struct OverlayLayers: Hashable, Sendable {
    /// Topmost first.
    package var lower: [Path]
    /// Where changes go; `nil` for a read-only overlay.
    package var upper: Path?
    /// An empty directory of the same filesystem as `upper`.
    package var work: Path?
    /// Marks are kept in `user.overlay.*`: needed in every user namespace but the first.
    package var userxattr: Bool
    /// Nothing is flushed; `work` cannot be used for a second mount then.
    package var volatile: Bool

    package init(lower: [Path], upper: Path? = nil, work: Path? = nil, userxattr: Bool, volatile: Bool = false) {
        self.lower = lower
        self.upper = upper
        self.work = work
        self.userxattr = userxattr
        self.volatile = volatile
    }

    /// The options for the kernel, besides the directories.
    ///
    /// What a distribution may have switched on by default is switched off, so that the upper directory
    /// holds whole files and the same changes everywhere.
    var options: [String] {
        var options = ["index=off", "metacopy=off"]
        // userxattr implies redirect_dir=nofollow and refuses to be told (EINVAL).
        options.append(userxattr ? "userxattr" : "redirect_dir=nofollow")
        if volatile { options.append("volatile") }
        return options
    }
}

/// Restrictions of a mount, as mount_setattr(2) takes them.
package struct MountAttributes: OptionSet, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    package static let readOnly = MountAttributes(rawValue: 0x1)
    package static let noSetUID = MountAttributes(rawValue: 0x2)
    package static let noDevices = MountAttributes(rawValue: 0x4)
    package static let noExecution = MountAttributes(rawValue: 0x8)
    package static let strictAccessTime = MountAttributes(rawValue: 0x20)

    /// For what only holds data of the kernel or the builder.
    package static let inert: MountAttributes = [.noSetUID, .noDevices, .noExecution]

    package var description: String {
        let names: [(MountAttributes, String)] = [
            (.readOnly, "ro"), (.noSetUID, "nosuid"), (.noDevices, "nodev"), (.noExecution, "noexec"),
            (.strictAccessTime, "strictatime"),
        ]
        return names.filter { contains($0.0) }.map(\.1).joined(separator: ",")
    }
}
