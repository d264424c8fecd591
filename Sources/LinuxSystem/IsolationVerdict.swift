import CLinux
import Glibc

/// The rung that a probe found possible, kept in the cache directory so that the next build need not try.
///
/// It is a hint for speed alone: a process that cannot take the rung after all removes it and fails.
struct IsolationVerdict: Hashable {
    let rung: IsolationRung
    /// Why there is no range of ids.
    let note: String?

    /// What a verdict depends on, in one line of bytes: it is made for every build, so no text is taken apart.
    struct Key: Hashable {
        private(set) var bytes: [UInt8] = []

        /// Boot, credentials, control group and filters of this process, the machine's switches for namespaces, the ids
        /// that it may map, and the device of the cache directory.
        init(_ mode: IsolationMode, plan: MappingPlan, cache: Path?) {
            add("1 \(mode.rawValue) \(geteuid()) \(getegid()) \(plan.writer)".utf8)
            add(plan.users.description.utf8)
            add(plan.groups.description.utf8)
            let status = UserNamespaceFacts.text("/proc/self/status") ?? ""
            for name in ["NoNewPrivs", "Seccomp", "Seccomp_filters", "CapEff", "CapBnd"] {
                add((UserNamespaceFacts.statusField(name, of: status) ?? "-").utf8)
            }
            let namespace = try? Directory.readLink(AT_FDCWD, "/proc/self/ns/user", path: "/proc/self/ns/user")
            add(namespace?.bytes ?? [])
            for path in Self.files { add((try? FileDescriptor.open(path).readAll(limit: 1 << 16)) ?? []) }
            if let cache, let status = try? FileStatus.of(cache) { add("\(status.device)".utf8) }
        }

        private static let files: [Path] = [
            "/proc/sys/kernel/random/boot_id", "/proc/self/cgroup", "/proc/self/attr/current",
            "/proc/sys/user/max_user_namespaces", "/proc/sys/kernel/unprivileged_userns_clone",
            "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        ]

        private mutating func add(_ part: some Sequence<UInt8>) {
            let lineFeed = UInt8(ascii: "\n")
            for byte in part where byte != 0 { bytes.append(byte == lineFeed ? UInt8(ascii: ";") : byte) }
            bytes.append(UInt8(ascii: " "))
        }
    }

    private static let name: Path = "isolation"

    /// The verdict for `key`; nil where none is kept, or one for something else.
    static func read(_ key: Key, _ cache: Path?) -> IsolationVerdict? {
        let lineFeed = UInt8(ascii: "\n")
        guard let cache, let bytes = try? FileDescriptor.open(cache.appending(name)).readAll(limit: 1 << 16),
            bytes.starts(with: key.bytes + [lineFeed])
        else { return nil }
        let lines = bytes.dropFirst(key.bytes.count + 1).split(separator: lineFeed, omittingEmptySubsequences: false)
        guard lines.count >= 2, let rung = IsolationRung(rawValue: String(decoding: lines[0], as: UTF8.self)) else {
            return nil
        }
        return IsolationVerdict(rung: rung, note: lines[1].isEmpty ? nil : String(decoding: lines[1], as: UTF8.self))
    }

    /// Keeps the verdict, atomically; without success the next build tries again.
    func write(_ key: Key, _ cache: Path?) {
        guard let cache, let directory = try? Directory.open(cache) else { return }
        let text = "\n\(rung.rawValue)\n\(note ?? "")\n"
        try? directory.replaceFile(Self.name, with: key.bytes + Array(text.utf8))
    }

    /// Forgets the verdict.
    static func remove(_ cache: Path?) {
        guard let cache, let directory = try? Directory.open(cache) else { return }
        try? directory.remove(name)
    }
}
