import LinuxSystem
import Sandbox

// What the kernel provides in other rungs.
extension StagedTree {
    /// Puts in `/dev` with the device files that every program expects.
    ///
    /// Throws where they cannot be made, or not be opened.
    func putDevices() throws {
        try put("/dev") { parent, name in
            try parent.makeDirectory(name, mode: 0o755, .noSymlinks)
            let directory = try parent.openDirectory(name, .noSymlinks)
            for (name, major, minor) in Self.devices {
                try directory.makeNode(name, kind: .characterDevice, mode: 0o666, major: major, minor: minor)
            }
            do throws(SystemError) {
                _ = try directory.openFile("null", .readWrite)
            } catch {
                throw OperationError.noDevices(reason: SystemError.reason(error.code))
            }
            for name: Path in ["stdout", "stderr"] { try directory.makeNode(name, kind: .fifo, mode: 0o666) }
            for (name, target) in Self.deviceLinks { try directory.symlink(target: target, at: name) }
            for name: Path in ["shm", "mqueue"] { try directory.makeDirectory(name, mode: 0o1777) }
            try directory.makeDirectory("pts")
        }
    }

    /// The builder's ends of `/dev/stdout` and `/dev/stderr`, which nobody must have touched yet.
    func openDevices() throws -> OutputDevices {
        let directory = try Directory.open(path).openDirectory("dev", .noSymlinks)
        return OutputDevices(
            output: try SharedPipe("stdout", in: directory),
            errorOutput: try SharedPipe("stderr", in: directory)
        )
    }

    /// Puts in `/proc` with copies of what says something about the machine; there is nothing about processes.
    func putProcessInformation() throws {
        let outside = try Directory.open("/proc")
        try put("/proc") { parent, name in
            try parent.makeDirectory(name, mode: 0o555, .noSymlinks)
            let directory = try parent.openDirectory(name, .noSymlinks)
            for file in Self.machineFiles {
                guard let text = try? outside.readFile(file, limit: 1 << 20, .beneath) else { continue }
                try directory.makeDirectories(file.parent, mode: 0o555)
                try directory.writeFile(file, text, mode: 0o444)
            }
            for (file, text) in Self.fixedFiles {
                try directory.makeDirectories(file.parent, mode: 0o555)
                try directory.writeFile(file, Array(text.utf8), mode: 0o444)
            }
            try directory.symlink(target: "self/mounts", at: "mounts")
        }
    }

    private static let devices: [(Path, UInt32, UInt32)] = [
        ("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0),
    ]

    private static let deviceLinks: [(Path, Path)] = [
        ("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("ptmx", "pts/ptmx"),
    ]

    private static let machineFiles: [Path] = [
        "cpuinfo", "meminfo", "stat", "version", "filesystems", "uptime", "loadavg", "devices", "misc", "swaps",
        "sys/kernel/ostype", "sys/kernel/osrelease", "sys/kernel/version", "sys/kernel/ngroups_max",
        "sys/kernel/cap_last_cap", "sys/kernel/pid_max", "sys/kernel/threads-max", "sys/kernel/overflowuid",
        "sys/kernel/overflowgid", "sys/kernel/shmmax", "sys/kernel/random/boot_id", "sys/vm/overcommit_memory",
        "sys/vm/max_map_count", "sys/fs/file-max", "sys/fs/nr_open", "sys/fs/pipe-max-size", "sys/net/core/somaxconn",
        "sys/kernel/seccomp/actions_avail",
    ]

    private static let fixedFiles: [(Path, String)] = [
        ("self/mounts", "rootfs / rootfs rw 0 0\n"),
        ("self/mountinfo", "1 1 0:1 / / rw - rootfs rootfs rw\n"),
        ("self/cgroup", "0::/\n"),
    ]
}
