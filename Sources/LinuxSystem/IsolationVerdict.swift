import CLinux
import Glibc

/// The rung that a probe found possible, kept in the cache directory so that the next build need not try.
///
/// It is a hint for speed alone: a process that cannot take the rung after all removes it and fails.
struct IsolationVerdict: Hashable {
    let rung: IsolationRung
    /// Why there is no range of ids.
    let note: String?

    /// What a verdict depends on, in one line.
    struct Key: Hashable {
        let text: String

        /// Boot, credentials, control group and filters of this process, the machine's switches for namespaces, the ids
        /// that it may map, and the device of the cache directory.
        init(_ mode: IsolationMode, plan: MappingPlan, cache: Path?) {
            let status = UserNamespaceFacts.text("/proc/self/status") ?? ""
            let fields = ["NoNewPrivs", "Seccomp", "Seccomp_filters", "CapEff", "CapBnd"].map {
                UserNamespaceFacts.statusField($0, of: status) ?? "-"
            }
            let files: [Path] = [
                "/proc/sys/kernel/random/boot_id", "/proc/self/cgroup", "/proc/self/attr/current",
                "/proc/sys/user/max_user_namespaces", "/proc/sys/kernel/unprivileged_userns_clone",
                "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
            ]
            let namespace = try? Directory.readLink(AT_FDCWD, "/proc/self/ns/user", path: "/proc/self/ns/user")
            let device = cache.flatMap { try? FileStatus.of($0).device }
            let parts =
                ["1", mode.rawValue, "\(geteuid())", "\(getegid())", namespace?.string ?? "-"] + fields
                + files.map { UserNamespaceFacts.text($0) ?? "-" }
                + ["\(plan.writer)", plan.users.description, plan.groups.description, device.map { "\($0)" } ?? "-"]
            text = parts.joined(separator: " ").split(whereSeparator: { $0 == "\n" || $0 == "\0" })
                .joined(separator: ";")
        }
    }

    private static let name: Path = "isolation"

    /// The verdict for `key`; nil where none is kept, or one for something else.
    static func read(_ key: Key, _ cache: Path?) -> IsolationVerdict? {
        guard let cache, let text = UserNamespaceFacts.text(cache.appending(name)) else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 3, lines[0] == key.text, let rung = IsolationRung(rawValue: String(lines[1])) else {
            return nil
        }
        return IsolationVerdict(rung: rung, note: lines[2].isEmpty ? nil : String(lines[2]))
    }

    /// Keeps the verdict, atomically; without success the next build tries again.
    func write(_ key: Key, _ cache: Path?) {
        guard let cache, let directory = try? Directory.open(cache) else { return }
        let temporary = Path("isolation-\(getpid())")
        let text = "\(key.text)\n\(rung.rawValue)\n\(note ?? "")\n"
        guard (try? directory.writeFile(temporary, Array(text.utf8), mode: 0o600)) != nil else { return }
        try? directory.rename(temporary, to: Self.name)
    }

    /// Forgets the verdict.
    static func remove(_ cache: Path?) {
        guard let cache, let directory = try? Directory.open(cache) else { return }
        try? directory.remove(name)
    }
}
