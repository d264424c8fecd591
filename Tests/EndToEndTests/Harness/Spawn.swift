import Glibc
import Synchronization

/// `posix_spawn` with pipes, in one place.
enum Spawn {
    /// A started program, the ends of its pipes that the harness holds, and a descriptor that tells its end.
    struct Child {
        let pid: pid_t
        let pidDescriptor: Int32
        let output: Int32
        let errors: Int32
        /// Open as long as the program may run; nil where standard input is a file.
        let lifeline: Int32?
    }

    /// Where standard input comes from.
    enum Input {
        case file(String)
        /// A pipe that nothing is written to: it ends when the harness ends, however it ends.
        case lifeline
    }

    /// No descriptor may slip into a child that is started between `pipe` and `fcntl`.
    private static let oneAtATime = Mutex(())

    /// Starts `line` in a new process group, with `environment` and nothing else.
    static func start(_ line: [String], environment: [String], input: Input) throws -> Child {
        try oneAtATime.withLock { _ in
            let output = try pipe()
            let errors = try pipe()
            var lifeline: (read: Int32, write: Int32)?
            var actions = posix_spawn_file_actions_t()
            posix_spawn_file_actions_init(&actions)
            defer { posix_spawn_file_actions_destroy(&actions) }
            switch input {
            case .file(let path): posix_spawn_file_actions_addopen(&actions, 0, path, O_RDONLY, 0)
            case .lifeline:
                let ends = try pipe()
                lifeline = ends
                posix_spawn_file_actions_adddup2(&actions, ends.read, 0)
            }
            posix_spawn_file_actions_adddup2(&actions, output.write, 1)
            posix_spawn_file_actions_adddup2(&actions, errors.write, 2)
            let pid = try spawn(line, environment, &actions)
            for end in [output.read, errors.read] { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
            for descriptor in [output.write, errors.write, lifeline?.read].compactMap(\.self) { close(descriptor) }
            return Child(
                pid: pid,
                pidDescriptor: try pidDescriptor(of: pid),
                output: output.read,
                errors: errors.read,
                lifeline: lifeline?.write
            )
        }
    }

    private static func pipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else { throw Command.Failure.cannotStart("pipe", errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    private static func spawn(
        _ line: [String],
        _ environment: [String],
        _ actions: inout posix_spawn_file_actions_t
    ) throws -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK)
        )
        posix_spawnattr_setpgroup(&attributes, 0)
        var defaults = sigset_t()
        sigfillset(&defaults)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        // The threads of the test runner block nearly every signal, and a child would inherit that.
        var unblocked = sigset_t()
        sigemptyset(&unblocked)
        posix_spawnattr_setsigmask(&attributes, &unblocked)
        let argv = line.map { strdup($0) } + [nil]
        let envp = environment.map { strdup($0) } + [nil]
        defer { for text in argv + envp { free(text) } }
        var pid: pid_t = 0
        let code = posix_spawnp(&pid, line[0], &actions, &attributes, argv, envp)
        guard code == 0 else { throw Command.Failure.cannotStart(line[0], code) }
        return pid
    }

    /// A descriptor that becomes readable when `pid` ends (Linux 5.3; `Glibc` hides the function).
    private static func pidDescriptor(of pid: pid_t) throws -> Int32 {
        typealias Open = @convention(c) (pid_t, UInt32) -> Int32
        guard let symbol = dlsym(nil, "pidfd_open") else { throw Command.Failure.cannotStart("pidfd_open", ENOSYS) }
        let descriptor = unsafeBitCast(symbol, to: Open.self)(pid, 0)
        guard descriptor >= 0 else { throw Command.Failure.cannotStart("pidfd_open", errno) }
        return descriptor
    }
}
