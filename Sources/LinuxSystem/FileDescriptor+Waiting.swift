import CLinux
import Glibc

extension FileDescriptor {
    /// Waits until there is something to read, the end included; throws ``Cancelled`` once the flag is set.
    package func waitUntilReadable(_ cancellation: CancellationFlag) throws {
        let wake = SharedDescriptor(FileDescriptor(owning: try kernelCall("make event") { clinux_eventfd() }))
        let stop: @Sendable () -> Void = {
            var one: UInt64 = 1
            _ = write(wake.raw, &one, 8)
        }
        let raw = raw
        try cancellation.onCancel(stop) {
            var polled = [
                pollfd(fd: raw, events: Int16(POLLIN), revents: 0),
                pollfd(fd: wake.raw, events: Int16(POLLIN), revents: 0),
            ]
            _ = try libraryCall("wait for input") { poll(&polled, nfds_t(polled.count), -1) }
        }
        try cancellation.check()
    }
}
