import LinuxSystem
import Synchronization

/// Has the kernel write new files to the disk while more of them are made.
///
/// At its end a process waits until its layers are on the disk (``Snapshotter/flush()``); the disk would be idle until
/// then.
package final class WriteBehind: Sendable {
    private struct State {
        /// What was written since the kernel was last asked.
        var bytes: Int64 = 0
        var isRunning = false
    }

    /// So many bytes are worth asking.
    private static let worthwhile: Int64 = 32 << 20

    private let directory: SharedDirectory
    private let state = Mutex(State())

    init(_ directory: SharedDirectory) {
        self.directory = directory
    }

    /// Notes bytes that were written to files of the filesystem.
    package func add(_ bytes: Int64) {
        let isDue = state.withLock { state in
            state.bytes += bytes
            guard state.bytes >= Self.worthwhile, !state.isRunning else { return false }
            state = State(isRunning: true)
            return true
        }
        if isDue { start() }
    }

    /// What it does not do is done by whoever waits.
    private func start() {
        do throws(SystemError) {
            try BlockingThread.start("write back") { [self] in
                try? directory.directory.descriptor.syncFilesystem()
                state.withLock { $0.isRunning = false }
            }
        } catch {
            state.withLock { $0.isRunning = false }
        }
    }
}
