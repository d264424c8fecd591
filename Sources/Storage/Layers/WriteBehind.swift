import LinuxSystem

/// Has the kernel write new files to the disk while more of them are made.
///
/// At its end a process waits until its layers are on the disk (``Snapshotter/flush()``); the disk would be idle until
/// then.
package final class WriteBehind: Sendable {
    private struct State {
        /// What was written since the kernel was last asked.
        var bytes: Int64 = 0
        var isRunning = false
        /// The kernel tells of bytes that it could not write only once.
        var failure: SystemError?
    }

    /// So many bytes are worth asking.
    private static let worthwhile: Int64 = 32 << 20

    private let directory: SharedDirectory
    private let monitor = Monitor(State())

    init(_ directory: SharedDirectory) {
        self.directory = directory
    }

    /// Notes bytes that were written to files of the filesystem.
    package func add(_ bytes: Int64) {
        let isDue = monitor.updateQuietly { state in
            state.bytes += bytes
            guard state.bytes >= Self.worthwhile, !state.isRunning else { return false }
            state.bytes = 0
            state.isRunning = true
            return true
        }
        if isDue { start() }
    }

    private func start() {
        do throws(SystemError) {
            try BlockingThread.start("write back") { [self] in end(Result(catching: synchronize)) }
        } catch {
            // What it does not do is done by whoever waits.
            end(.success(()))
        }
    }

    private func synchronize() throws(SystemError) { try directory.directory.descriptor.syncFilesystem() }

    private func end(_ result: Result<Void, SystemError>) {
        monitor.update { state in
            state.isRunning = false
            if case .failure(let error) = result { state.failure = state.failure ?? error }
        }
    }

    /// Waits until everything that was written is on the disk.
    ///
    /// Throws where some of it is not, also where the kernel told of that before.
    func finish() throws(SystemError) {
        monitor.wait { $0.isRunning ? nil : () }
        try synchronize()
        if let failure = monitor.updateQuietly({ $0.failure }) { throw failure }
    }
}
