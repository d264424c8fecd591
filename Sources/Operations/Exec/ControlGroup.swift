import Glibc
import LinuxSystem
import Sandbox

/// A control group for one step, below the one that `--cgroup-parent` names; removed with the last reference.
///
/// Limits are those of the parent: the step's group sets none.
final class ControlGroup: Sendable {
    /// The group in each hierarchy that has the parent: one directory with version 2, one per controller with version 1.
    let paths: [Path]

    private static let mountPoint: Path = "/sys/fs/cgroup"
    private static let prefix = "swbuild-"

    /// Makes the group; throws ``OperationError/controlGroup(parent:reason:)`` where none can be made.
    init(parent: String, layout: BuilderFacts.ControlGroups) throws {
        var made: [Path] = []
        var refusal = "there are no control groups below \(Self.mountPoint)"
        for hierarchy in try Self.hierarchies(layout) {
            do throws(SystemError) {
                if let path = try Self.make(parent, in: hierarchy, makesParent: layout == .unified) {
                    made.append(path)
                }
            } catch {
                refusal = "\(error)"
            }
        }
        if made.isEmpty, layout == .split { refusal = "no controller has such a group: make it first" }
        guard !made.isEmpty else { throw OperationError.controlGroup(parent: parent, reason: refusal) }
        paths = made
    }

    deinit {
        for path in paths { rmdir(path.string) }
    }

    private static func hierarchies(_ layout: BuilderFacts.ControlGroups) throws -> [Path] {
        switch layout {
        case .none: []
        case .unified: [mountPoint]
        case .split: try Directory.open(mountPoint).entries().map { mountPoint.appending($0.name) }
        }
    }

    /// The new group in one hierarchy; `nil` where it has no such parent.
    ///
    /// Nothing outside of the hierarchy is reached.
    private static func make(_ parent: String, in hierarchy: Path, makesParent: Bool) throws(SystemError) -> Path? {
        let place = Path(parent).relative
        // Links join two controllers, or name one in two ways.
        guard try FileStatus.of(hierarchy, followSymlink: false).kind == .directory else { return nil }
        let root = try Directory.open(hierarchy)
        if makesParent { try root.makeDirectories(place) }
        guard try root.statusIfExists(place)?.kind == .directory else { return nil }
        let group = try root.openDirectory(place)
        try removeLeftovers(group)
        let name = Path("\(prefix)\(getpid())-\(UInt32.random(in: 0 ... .max))")
        try group.makeDirectory(name)
        try copyProcessorSet(from: group, to: name)
        return try group.currentPath().appending(name)
    }

    /// Groups of builders that were killed; one that is in use cannot be removed.
    private static func removeLeftovers(_ group: borrowing Directory) throws(SystemError) {
        for entry in try group.entries() where entry.name.string.hasPrefix(prefix) {
            let number = pid_t(entry.name.string.dropFirst(prefix.count).prefix { $0 != "-" }) ?? 0
            if number > 0, kill(number, 0) != 0, errno == ESRCH { try? group.removeDirectory(entry.name) }
        }
    }

    /// In version 1 a new group has no processors, and nobody can join it.
    private static func copyProcessorSet(from group: borrowing Directory, to name: Path) throws(SystemError) {
        for file: Path in ["cpuset.cpus", "cpuset.mems"] {
            guard try group.statusIfExists(name.appending(file)) != nil else { return }
            let value = try group.readFile(file, limit: 1 << 16)
            if value.count > 1 { try group.openFile(name.appending(file), [.writeOnly]).writeAll(value) }
        }
    }
}
