import LinuxSystem

/// What the standard plan has to know about where the builder runs.
package struct BuilderFacts: Hashable, Sendable {
    /// How control groups are mounted at `/sys/fs/cgroup`.
    package enum ControlGroups: String, Hashable, Sendable {
        case none
        case unified
        /// Version 1, or both: one mount per controller.
        case split
    }

    /// Whether the builder's root is not the machine's: it owns neither the network nor the devices.
    package var inUserNamespace: Bool
    /// Whether 0 is the only user there is.
    package var hasSingleID: Bool
    package var controlGroups: ControlGroups
    /// Whether steps get namespaces and mounts of their own; otherwise a changed root directory is all there is.
    package var hasNamespaces = true

    package init(inUserNamespace: Bool, hasSingleID: Bool, controlGroups: ControlGroups) {
        self.inUserNamespace = inUserNamespace
        self.hasSingleID = hasSingleID
        self.controlGroups = controlGroups
    }

    /// The facts of this process, after it has entered its namespaces as `identity`.
    package static func ofThisProcess(_ identity: UserNamespace.Identity) -> BuilderFacts {
        var facts = BuilderFacts(
            // Root that needed no namespace of its own may be in a container's.
            inUserNamespace: identity.kind != .initial || identity.userxattr,
            hasSingleID: identity.kind == .single || mappedIDs() == 1,
            controlGroups: presentControlGroups
        )
        facts.hasNamespaces = identity.kind != .container
        return facts
    }

    private static func mappedIDs() -> Int? {
        guard let file = try? FileDescriptor.open("/proc/self/uid_map"), let text = try? file.readAll() else {
            return nil
        }
        return IDMap(parsing: String(decoding: text, as: UTF8.self)).count
    }

    /// How they are mounted here.
    package static var presentControlGroups: ControlGroups {
        // CGROUP2_SUPER_MAGIC, TMPFS_MAGIC
        switch try? FileDescriptor.open("/sys/fs/cgroup", .pathOnly).filesystemMagic {
        case 0x6367_7270: .unified
        case 0x0102_1994: .split
        default: .none
        }
    }
}
