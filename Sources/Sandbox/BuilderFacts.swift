import CSandbox
import LinuxSystem

/// What the standard plan has to know about where the builder runs.
package struct BuilderFacts: Hashable, Sendable {
    /// How control groups are mounted at `/sys/fs/cgroup`.
    package enum ControlGroups: Hashable, Sendable {
        case none
        case unified
        /// Version 1, or both: one mount per controller.
        case split
    }

    /// Which ids the builder has.
    package var ids: UserNamespace.Identity.Kind
    package var controlGroups: ControlGroups

    package init(ids: UserNamespace.Identity.Kind, controlGroups: ControlGroups) {
        self.ids = ids
        self.controlGroups = controlGroups
    }

    /// The facts of this process, which entered its namespaces as `ids`.
    package static func ofThisProcess(ids: UserNamespace.Identity.Kind) -> BuilderFacts {
        BuilderFacts(ids: ids, controlGroups: presentControlGroups())
    }

    var isInitial: Bool { ids == .initial }

    private static func presentControlGroups() -> ControlGroups {
        // CGROUP2_SUPER_MAGIC, TMPFS_MAGIC
        switch csandbox_filesystem("/sys/fs/cgroup") {
        case 0x6367_7270: return .unified
        case 0x0102_1994: return .split
        default: return .none
        }
    }
}
