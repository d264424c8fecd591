import Glibc

/// A program to run: what the kernel is told, and how long the harness waits for it.
struct Command: Sendable {
    /// What can go wrong before the program itself has a say.
    enum Failure: Error, CustomStringConvertible {
        case cannotStart(String, Int32)
        case tooSlow(String, seconds: Int, errors: String)
        case failed(String, Outcome)

        var description: String {
            switch self {
            case .cannotStart(let program, let code): "cannot start `\(program)`: \(String(cString: strerror(code)))"
            case .tooSlow(let program, let seconds, let errors):
                "`\(program)` did not get there in \(seconds) s; it said:\n\(errors)"
            case .failed(let program, let outcome): "`\(program)` failed: \(outcome)"
            }
        }
    }

    var program: String
    var arguments: [String]
    var environment = Command.plainEnvironment
    /// The working directory; the caller's where it is nil.
    var directory: String?
    /// Who runs it; the caller where it is nil, and only root can be another.
    var user: OrdinaryUser?
    /// A file to read standard input from.
    var input = "/dev/null"
    /// Seconds after which it is killed and the test fails: far above what any test needs.
    var deadline = 300

    init(_ program: String, _ arguments: [String]) {
        self.program = program
        self.arguments = arguments
    }

    /// An environment that depends on nothing of the caller but its proxies.
    static var plainEnvironment: [String: String] {
        var environment = [
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "/nonexistent",
            "LC_ALL": "C.UTF-8",
        ]
        let kept = ["http_proxy", "https_proxy", "no_proxy", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR"]
        for name in kept + ["SWBUILD_SNAPSHOTS"] {
            environment[name] = Machine.environment(name)
        }
        return environment
    }

    /// The line that is handed to the kernel: `env` and `setpriv` replace themselves, so that the process id stays.
    private var commandLine: [String] {
        var line = ["/usr/bin/env"]
        if let directory { line += ["-C", directory] }
        if let user {
            line += ["setpriv", "--reuid=\(user.uid)", "--regid=\(user.gid)", "--init-groups", "--"]
        }
        return line + [program] + arguments
    }

    /// Starts the program in a process group of its own and returns at once.
    func start() throws -> RunningProgram {
        let spawned = try Spawn.start(
            commandLine,
            environment: environment.map { "\($0.key)=\($0.value)" }.sorted(),
            input: .file(input)
        )
        return RunningProgram(name: ([program] + arguments).joined(separator: " "), spawned, deadline: deadline)
    }

    /// Runs the program to its end, whatever its status.
    func run() throws -> Outcome {
        try start().finish()
    }

    /// Runs a program of the machine that must succeed and returns its standard output as text.
    @discardableResult
    static func check(_ program: String, _ arguments: [String], in directory: String? = nil) throws -> String {
        var command = Command(program, arguments)
        command.directory = directory
        let outcome = try command.run()
        guard outcome.succeeded else {
            throw Failure.failed(([program] + arguments).joined(separator: " "), outcome)
        }
        return outcome.text
    }

    /// Runs a script of `sh` that must succeed; `$1` and so on are the arguments.
    @discardableResult
    static func shell(_ script: String, _ arguments: [String] = [], in directory: String? = nil) throws -> String {
        try check("sh", ["-euc", script, "sh"] + arguments, in: directory)
    }
}
