import CLinux
import Glibc

/// A started program with the ends of its pipes that are ours; killed and reaped if it is dropped.
struct RunningProcess: ~Copyable {
    private let pid: pid_t
    private let name: String
    private let output: SharedDescriptor?
    private let errorOutput: SharedDescriptor?
    private var reaped = false

    init(_ program: Path, _ request: Process.Request) throws {
        let null = try FileDescriptor.open("/dev/null", .readWrite)
        let input = try RunningProcess.source(request.input, null)
        let (output, outputReader) = try RunningProcess.sink(request.output, null)
        let (errorOutput, errorReader) = try RunningProcess.sink(request.errorOutput, null)
        let pid = try RunningProcess.spawn(program, request, input.raw, output.raw, errorOutput.raw)
        self.pid = pid
        self.name = request.program
        self.output = outputReader
        self.errorOutput = errorReader
    }

    deinit {
        if !reaped {
            kill(-pid, SIGKILL)
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        }
    }

    /// Reads both outputs to their ends.
    mutating func collect(
        _ request: Process.Request,
        _ flag: CancellationFlag
    ) throws -> (output: [UInt8], errorOutput: [UInt8]) {
        let wake = SharedDescriptor(
            FileDescriptor(owning: try kernelCall("make event") { clinux_eventfd() })
        )
        var first = OutputCollector(request.output, output)
        var second = OutputCollector(request.errorOutput, errorOutput)
        // A descendant that keeps a pipe open must not keep us: the end of the program counts.
        let pid = pid
        let ended = FileDescriptor(owning: try kernelCall("watch process") { clinux_pidfd_open(pid) })
        let stop: @Sendable () -> Void = {
            kill(-pid, SIGKILL)
            var one: UInt64 = 1
            _ = write(wake.descriptor.raw, &one, 8)
        }
        try flag.onCancel(stop) {
            while !flag.isCancelled {
                var polled = [
                    pollfd(fd: first.raw, events: Int16(POLLIN), revents: 0),
                    pollfd(fd: second.raw, events: Int16(POLLIN), revents: 0),
                    pollfd(fd: wake.descriptor.raw, events: Int16(POLLIN), revents: 0),
                    pollfd(fd: ended.raw, events: Int16(POLLIN), revents: 0),
                ]
                _ = try libraryCall("wait for output") { poll(&polled, nfds_t(polled.count), -1) }
                var readSomething = false
                if polled[0].revents != 0 { readSomething = try first.readChunk(name) || readSomething }
                if polled[1].revents != 0 { readSomething = try second.readChunk(name) || readSomething }
                if polled[3].revents != 0 && !readSomething { return }
            }
        }
        return (first.bytes, second.bytes)
    }

    /// Reaps the program.
    mutating func wait() throws(SystemError) -> ExitStatus {
        var status: Int32 = 0
        let pid = pid
        _ = try libraryCall("wait for program") { waitpid(pid, &status, 0) }
        reaped = true
        return ExitStatus(waitStatus: status)
    }

    private static func source(
        _ input: Process.Input,
        _ null: borrowing FileDescriptor
    ) throws(SystemError) -> FileDescriptor {
        switch input {
        case .nothing: return try null.duplicate()
        case .descriptor(let raw): return FileDescriptor(owning: try FileDescriptor.duplicate(raw))
        case .bytes(let bytes):
            // A file in memory: no pipe that could fill while the program waits for us to read.
            let file = try FileDescriptor.inMemory("input")
            try file.writeAll(bytes)
            try file.seek(to: 0)
            return file
        }
    }

    /// The end for the program, and the end for us.
    ///
    /// All are above 2, so that none is overwritten by another.
    private static func sink(
        _ output: Process.Output,
        _ null: borrowing FileDescriptor
    ) throws(SystemError) -> (SharedDescriptor, SharedDescriptor?) {
        switch output {
        case .discard: return (SharedDescriptor(try null.duplicate()), nil)
        case .descriptor(let raw):
            return (SharedDescriptor(FileDescriptor(owning: try FileDescriptor.duplicate(raw))), nil)
        case .tail, .whole, .stream:
            let pipe = try FileDescriptor.pipe()
            return (SharedDescriptor(try pipe.write.duplicate()), SharedDescriptor(try pipe.read.duplicate()))
        }
    }

    private static func spawn(
        _ program: Path,
        _ request: Process.Request,
        _ input: Int32,
        _ output: Int32,
        _ errorOutput: Int32
    ) throws(SystemError) -> pid_t {
        var arguments = ([request.program] + request.arguments).map { strdup($0) } + [nil]
        var environment = request.environment.map { strdup($0) } + [nil]
        defer {
            for pointer in arguments + environment { free(pointer) }
        }
        var pid: pid_t = 0
        let code = program.withCString { program in
            arguments.withUnsafeMutableBufferPointer { arguments in
                environment.withUnsafeMutableBufferPointer { environment in
                    withOptionalCString(request.directory) { directory in
                        var spawn = clinux_spawn(
                            program: program,
                            arguments: arguments.baseAddress,
                            environment: environment.baseAddress,
                            directory: directory,
                            input: input,
                            output: output,
                            error_output: errorOutput
                        )
                        return clinux_spawn(&spawn, &pid)
                    }
                }
            }
        }
        if code < 0 { throw SystemError("run", program, code: -code) }
        return pid
    }

    private static func withOptionalCString<R>(_ path: Path?, _ body: (UnsafePointer<CChar>?) -> R) -> R {
        guard let path else { return body(nil) }
        return path.withCString { body($0) }
    }
}

/// Keeps what one pipe of a program gives, within the bounds asked for.
private struct OutputCollector {
    private(set) var bytes: [UInt8] = []
    private let policy: Process.Output
    private var reader: SharedDescriptor?

    init(_ policy: Process.Output, _ reader: SharedDescriptor?) {
        self.policy = policy
        self.reader = reader
    }

    /// -1, which poll(2) passes over, once the pipe has ended.
    var raw: Int32 { reader?.raw ?? -1 }

    /// Reads once; false at the end of the pipe.
    mutating func readChunk(_ program: String) throws -> Bool {
        guard let reader else { return false }
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        let count = try chunk.withUnsafeMutableBytes { try reader.descriptor.read(into: $0) }
        if count == 0 {
            self.reader = nil
            return false
        }
        chunk.removeLast(chunk.count - count)
        switch policy {
        case .discard, .descriptor: break
        case .stream(let handler): handler(chunk)
        case .whole(let limit):
            bytes += chunk
            if bytes.count > limit { throw ProcessError.tooMuchOutput(program, limit: limit) }
        case .tail(let limit):
            bytes += chunk
            if bytes.count > 2 * limit { bytes.removeFirst(bytes.count - limit) }
        }
        return true
    }
}
