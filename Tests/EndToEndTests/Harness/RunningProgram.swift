import Glibc

/// A program that was started: it is waited for by condition, never by time, and does not outlive its test.
struct RunningProgram: ~Copyable {
    let name: String
    let pid: pid_t
    private let child: Spawn.Child
    private let seconds: Int
    private let end: ContinuousClock.Instant
    private var output: [UInt8] = []
    private var errors: [UInt8] = []
    private var status: Outcome.Status?

    init(name: String, _ child: Spawn.Child, deadline: Int) {
        self.name = name
        self.child = child
        pid = child.pid
        seconds = deadline
        end = .now + .seconds(deadline)
    }

    deinit {
        if status == nil {
            kill(-child.pid, SIGKILL)
            kill(child.pid, SIGKILL)
            waitpid(child.pid, nil, 0)
        }
        for descriptor in [child.pidDescriptor, child.output, child.errors, child.lifeline].compactMap(\.self) {
            close(descriptor)
        }
    }

    /// Sends a signal to the program alone.
    func signal(_ number: Int32) { kill(pid, number) }

    /// Sends what the terminal sends at Ctrl-C: the signal goes to the whole process group.
    func interrupt() { kill(-pid, SIGINT) }

    /// Returns once `text` stood in what the program wrote, on standard error or standard output.
    mutating func wait(for text: String) throws {
        let wanted = Array(text.utf8)
        while !contains(wanted) {
            guard status == nil else { throw Command.Failure.failed(name, outcome(.exited(-1))) }
            try pump()
        }
    }

    /// What was written so far, both streams in one text.
    var said: String { String(decoding: errors, as: UTF8.self) + String(decoding: output, as: UTF8.self) }

    /// Returns how the program ended, with everything that it wrote until then.
    consuming func finish() throws -> Outcome {
        while status == nil { try pump() }
        let status = status ?? .exited(-1)
        return outcome(status)
    }

    private func outcome(_ status: Outcome.Status) -> Outcome {
        Outcome(status: status, output: output, errors: String(decoding: errors, as: UTF8.self))
    }

    private func contains(_ text: [UInt8]) -> Bool {
        [errors, output].contains { $0.firstRange(of: text) != nil }
    }

    /// Waits for the next thing to happen and takes it in.
    private mutating func pump() throws {
        var waiting = [child.pidDescriptor, child.output, child.errors].map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        let left = ContinuousClock.now.duration(to: end)
        guard left > .zero, poll(&waiting, 3, Int32(clamping: left.components.seconds * 1000 + 1)) != 0 else {
            throw Command.Failure.tooSlow(name, seconds: seconds, errors: said)
        }
        Self.drain(child.output, into: &output)
        Self.drain(child.errors, into: &errors)
        guard waiting[0].revents != 0 else { return }
        var code: Int32 = 0
        waitpid(pid, &code, 0)
        Self.drain(child.output, into: &output)
        Self.drain(child.errors, into: &errors)
        status = code & 0x7f == 0 ? .exited((code >> 8) & 0xff) : .signalled(code & 0x7f)
    }

    private static func drain(_ descriptor: Int32, into bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 1) { buffer in
            while true {
                let count = read(descriptor, buffer.baseAddress, buffer.count)
                guard count > 0 else { return }
                bytes.append(contentsOf: buffer[..<count])
            }
        }
    }
}
