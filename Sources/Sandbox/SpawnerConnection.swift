import CSandbox
import Glibc
import LinuxSystem
import Synchronization

/// The builder's end of the socket to the spawner, and who waits for which step.
final class SpawnerConnection: Sendable {
    typealias Continuation = CheckedContinuation<StepResult, any Error>

    private let socket: FileDescriptor
    let process: pid_t
    private let state = Mutex(State())

    private struct State {
        var lastID: UInt64 = 0
        var steps: [UInt64: Progress] = [:]
        var ended = false
    }

    private enum Progress {
        case reserved
        case cancelled
        case running(Running)
    }

    private struct Running {
        var plan: SandboxPlan
        var supervision: Supervision?
        var continuation: Continuation
        var isCancelled = false
        var failure: SandboxError?
        var createdMountPoints: [Path] = []
    }

    init(socket: consuming FileDescriptor, process: pid_t) {
        self.socket = socket
        self.process = process
    }

    /// A number for a step that is about to begin.
    func reserve() -> UInt64 {
        state.withLock { state in
            state.lastID += 1
            state.steps[state.lastID] = .reserved
            return state.lastID
        }
    }

    /// Drops the number of a step that has ended or never began.
    func forget(_ id: UInt64) {
        _ = state.withLock { $0.steps.removeValue(forKey: id) }
    }

    /// Sends a plan; the continuation is resumed when the step has ended.
    func begin(
        _ id: UInt64,
        _ plan: SandboxPlan,
        _ supervision: Supervision?,
        _ descriptors: StepDescriptors,
        _ continuation: Continuation
    ) {
        let refusal: (any Error)? = state.withLock { state in
            if case .cancelled = state.steps[id] { return CancellationError() }
            if state.ended { return SandboxError.spawnerLost }
            state.steps[id] = .running(Running(plan: plan, supervision: supervision, continuation: continuation))
            return nil
        }
        if let refusal { return continuation.resume(throwing: refusal) }
        // Not under the lock: the spawner may be waiting for a report to be read, which takes the lock.
        let code = csandbox_run(
            socket.raw,
            id,
            descriptors.plan,
            descriptors.input,
            descriptors.output,
            descriptors.errorOutput
        )
        if code < 0 { return refuse(id, code == -EPIPE ? .spawnerLost : .planNotSent(code: -code)) }
        // A request to kill it may have come before the plan.
        let isCancelled = state.withLock { state in
            guard case .running(let running) = state.steps[id] else { return false }
            return running.isCancelled
        }
        if isCancelled { _ = csandbox_kill(socket.raw, id) }
    }

    /// Ends a step whose plan could not be sent.
    private func refuse(_ id: UInt64, _ error: SandboxError) {
        let step = state.withLock { $0.steps.removeValue(forKey: id) }
        if case .running(let running)? = step { running.continuation.resume(throwing: error) }
    }

    /// Kills a step, now or as soon as it begins; no effect on one that has ended.
    func cancel(_ id: UInt64) {
        let isRunning = state.withLock { state in
            switch state.steps[id] {
            case .reserved: state.steps[id] = .cancelled
            case .running(var running):
                running.isCancelled = true
                state.steps[id] = .running(running)
                return true
            case .cancelled, nil: break
            }
            return false
        }
        if isRunning { _ = csandbox_kill(socket.raw, id) }
    }

    /// Tells the spawner to end, whoever else holds the socket.
    func shutDown() {
        state.withLock { $0.ended = true }
        _ = shutdown(socket.raw, Int32(SHUT_WR))
    }

    /// Hands out reports until the spawner has ended, and waits for it.
    ///
    /// Blocks; for a thread of its own.
    func serve() {
        var report = csandbox_report()
        let text = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(CSANDBOX_TEXT_MAX), alignment: 1)
        defer { text.deallocate() }
        let start = text.baseAddress?.assumingMemoryBound(to: CChar.self)
        var descriptor: Int32 = -1
        while csandbox_receive(socket.raw, &report, start, &descriptor) == 1 {
            if descriptor >= 0 { supervise(report.id, FileDescriptor(owning: descriptor)) }
            handle(report, Array(text.prefix(Int(report.length))))
        }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        abandon()
    }

    /// Hands the system calls of a step to who answers them; without anybody they fail with ENOSYS.
    private func supervise(_ id: UInt64, _ listener: consuming FileDescriptor) {
        let supervision: Supervision? = state.withLock { state in
            guard case .running(let running) = state.steps[id] else { return nil }
            return running.supervision
        }
        supervision?.begin(SystemCallListener(listener))
    }

    private func handle(_ report: csandbox_report, _ text: [UInt8]) {
        let ended: Running? = state.withLock { state in
            guard case .running(var running) = state.steps[report.id] else { return nil }
            switch report.kind {
            case CSANDBOX_EXITED.rawValue:
                state.steps[report.id] = nil
                // Killed with all others.
                if state.ended { running.failure = .spawnerLost }
                return running
            case CSANDBOX_STUB.rawValue: running.createdMountPoints.append(Path(bytes: text))
            case CSANDBOX_FAILED.rawValue: running.failure = failure(of: running.plan, report, text)
            default: break
            }
            state.steps[report.id] = .running(running)
            return nil
        }
        guard let ended else { return }
        if ended.isCancelled { return ended.continuation.resume(throwing: CancellationError()) }
        if let failure = ended.failure { return ended.continuation.resume(throwing: failure) }
        ended.continuation.resume(
            returning: StepResult(
                exit: StepExit(waitStatus: report.code),
                createdMountPoints: ended.createdMountPoints
            )
        )
    }

    private func failure(of plan: SandboxPlan, _ report: csandbox_report, _ text: [UInt8]) -> SandboxError {
        let index = Int(report.step)
        // The step after the last is the execution itself.
        guard report.step != CSANDBOX_CLONE, index <= plan.steps.count else {
            return .namespacesRefused(plan.namespaces, code: report.code)
        }
        if index == plan.steps.count {
            return .stepFailed(action: "execute the step", code: report.code, detail: "", hint: nil)
        }
        let step = plan.steps[index]
        let action = step.description
        var detail = String(decoding: text, as: UTF8.self)
        // Most details are the path that the action names already.
        if action.contains("`\(detail)`") { detail = "" }
        return .stepFailed(action: action, code: report.code, detail: detail, hint: step.hint(for: report.code))
    }

    /// Ends every step with an error: there is no spawner any more.
    func abandon() {
        let waiting = state.withLock { state in
            state.ended = true
            defer { state.steps = [:] }
            return state.steps.values.compactMap { if case .running(let running) = $0 { running } else { nil } }
        }
        for running in waiting {
            running.continuation.resume(
                throwing: running.isCancelled ? CancellationError() : SandboxError.spawnerLost
            )
        }
    }
}
