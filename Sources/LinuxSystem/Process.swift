import CLinux
import Glibc

/// How a program ended.
package enum ExitStatus: Hashable, Sendable, CustomStringConvertible {
    /// By itself, with a code of 0 to 255.
    case exited(Int32)
    /// By a signal.
    case signaled(Int32)

    /// Reads what wait(2) gives.
    package init(waitStatus: Int32) {
        let signal = waitStatus & 0x7f
        self = signal == 0 ? .exited((waitStatus >> 8) & 0xff) : .signaled(signal)
    }

    package var isSuccess: Bool { self == .exited(0) }

    /// The code that a shell would show: 128 more than the signal.
    package var shellCode: Int32 {
        switch self {
        case .exited(let code): code
        case .signaled(let signal): 128 + signal
        }
    }

    package var description: String {
        switch self {
        case .exited(let code): "exit code \(code)"
        case .signaled(let signal): "signal \(signal)"
        }
    }
}

/// Runs programs of the host: `git`, `ssh`, credential helpers.
///
/// Never a program of an image, never a shell.
package enum Process {
    /// What the program reads.
    package enum Input: Sendable {
        case nothing
        case bytes([UInt8])
        /// An open file, which stays the caller's.
        case descriptor(Int32)
    }

    /// Where what the program writes goes.
    package enum Output: Sendable {
        case discard
        /// Kept in memory: the last `limit` bytes.
        case tail(limit: Int)
        /// Kept in memory; more than `limit` bytes end the program and throw `.tooMuchOutput`.
        case whole(limit: Int)
        /// An open file, which stays the caller's.
        case descriptor(Int32)
        /// Given as it arrives, on the thread that waits for the program.
        case stream(@Sendable ([UInt8]) -> Void)
    }

    /// What to run.
    package struct Request: Sendable {
        /// A name to look up in `PATH`, or a path with a `/`.
        package var program: String
        /// Without the program's name.
        package var arguments: [String]
        /// `NAME=value`; the whole environment.
        package var environment: [String]
        /// `nil`: the present directory.
        package var directory: Path?
        package var input: Input
        package var output: Output
        package var errorOutput: Output

        package init(
            _ program: String,
            _ arguments: [String],
            environment: [String] = Process.environment,
            directory: Path? = nil,
            input: Input = .nothing,
            output: Output = .whole(limit: 16 << 20),
            errorOutput: Output = .tail(limit: 1 << 20)
        ) {
            self.program = program
            self.arguments = arguments
            self.environment = environment
            self.directory = directory
            self.input = input
            self.output = output
            self.errorOutput = errorOutput
        }
    }

    /// How it went.
    package struct Outcome: Sendable {
        package let status: ExitStatus
        /// What was kept of the standard output.
        package let output: [UInt8]
        /// What was kept of the error output.
        package let errorOutput: [UInt8]

        /// The error output as text, without the white space around it.
        package var errorText: String {
            let text = String(decoding: errorOutput, as: UTF8.self)
            let trimmed = text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
            return String(trimmed)
        }
    }

    /// Runs a program and waits for its end.
    ///
    /// A failing exit status is no error. Cancelling the task kills the program's process group and throws `Cancelled`.
    package static func run(_ request: Request) async throws -> Outcome {
        try await BlockingThread.run("run \(request.program)") { flag in
            try runBlocking(request, flag)
        }
    }

    /// Runs a program and waits for its end on this thread.
    package static func runBlocking(_ request: Request, _ flag: CancellationFlag) throws -> Outcome {
        guard let program = find(request.program, path: searchPath(request.environment)) else {
            throw ProcessError.notFound(request.program)
        }
        try flag.check()
        var running = try RunningProcess(program, request)
        let (output, errorOutput) = try running.collect(request, flag)
        let status = try running.wait()
        try flag.check()
        return Outcome(status: status, output: output, errorOutput: errorOutput)
    }

    /// Makes all threads allocate from two heaps; to be called before there are any.
    ///
    /// A heap of its own grows by a system call for each page or two, and what lives a few milliseconds never gets beyond
    /// that; and two threads that begin at the same time wait for each other with one.
    package static func shareHeap() { clinux_share_heap() }

    /// Gives the process its own pages for its writable data, nearly all of which a build touches.
    ///
    /// One by one they cost more: a page that was read before it is written is taken from all processors that run a thread of
    /// the process.
    package static func populateData() { clinux_populate_data() }

    /// What names the present run of the kernel; nil where `/proc` does not tell.
    package static let bootID: String? = {
        let text = try? FileDescriptor.open("/proc/sys/kernel/random/boot_id").readAll(limit: 100)
        return text.map { String(decoding: $0.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self) }
    }()

    /// The environment of this process as `NAME=value`.
    package static var environment: [String] {
        var variables: [String] = []
        var next = environ
        while let entry = next.pointee {
            variables.append(String(cString: entry))
            next += 1
        }
        return variables
    }

    /// The variables that this process was given, by name.
    package static let variables: [String: String] = {
        var variables: [String: String] = [:]
        for entry in environment {
            guard let equals = entry.firstIndex(of: "=") else { continue }
            variables[String(entry[..<equals])] = String(entry[entry.index(after: equals)...])
        }
        return variables
    }()

    /// What follows the program's name on the command line.
    ///
    /// Swift's own list is made by generic code, which takes ten times as long.
    package static var arguments: [String] {
        var arguments: [String] = []
        for index in 1..<max(1, Int(CommandLine.argc)) {
            if let argument = CommandLine.unsafeArgv[index] { arguments.append(String(cString: argument)) }
        }
        return arguments
    }

    /// The value of a variable of this process, `nil` if it is not set.
    package static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    /// The bytes of a variable of this process, which need not be text; `nil` if it is not set.
    package static func variableBytes(_ name: String) -> [UInt8]? {
        getenv(name).map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
    }

    /// The path of a program: as it is with a `/`, else the first executable file of the search path.
    package static func find(_ program: String, path: String? = Process.variable("PATH")) -> Path? {
        if program.utf8.contains(Path.separator) { return isExecutable(Path(program)) ? Path(program) : nil }
        let directories = (path ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin").split(separator: ":")
        // Relative directories in PATH would make the result depend on where we are: left out.
        for directory in directories where directory.hasPrefix("/") {
            let candidate = Path(String(directory)).appending(program)
            if isExecutable(candidate) { return candidate }
        }
        return nil
    }

    private static func searchPath(_ environment: [String]) -> String? {
        environment.first { $0.hasPrefix("PATH=") }.map { String($0.dropFirst(5)) }
    }

    private static func isExecutable(_ path: Path) -> Bool {
        guard (try? FileStatus.read(AT_FDCWD, path, follow: true))?.kind == .regular else { return false }
        return path.withCString { access($0, X_OK) } == 0
    }
}

/// Why a program could not be run.
package enum ProcessError: Error, Hashable, CustomStringConvertible {
    case notFound(String)
    case tooMuchOutput(String, limit: Int)

    package var description: String {
        switch self {
        case .notFound(let program): "cannot run `\(program)`: not found in `PATH`"
        case .tooMuchOutput(let program, let limit): "cannot run `\(program)`: it wrote more than \(limit) bytes"
        }
    }
}

extension FileStatus {
    /// The status of a plain path below a raw descriptor.
    static func read(_ directory: Int32, _ path: Path, follow: Bool) throws(SystemError) -> FileStatus {
        try path.withCString { name throws(SystemError) in
            try read(directory, name, follow: follow, path: path)
        }
    }

    /// The status of a plain path, resolved as the process sees it.
    package static func of(_ path: Path, followSymlink: Bool = true) throws(SystemError) -> FileStatus {
        try read(AT_FDCWD, path, follow: followSymlink)
    }
}
