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

    /// Everything to the end, at most `limit` bytes: more throws EFBIG; ``Cancelled`` once the flag is set.
    package func readAll(limit: Int, _ cancellation: CancellationFlag) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            try waitUntilReadable(cancellation)
            let count = try chunk.withUnsafeMutableBytes { try read(into: $0) }
            if count == 0 { return bytes }
            if bytes.count + count > limit { throw SystemError("read", code: EFBIG) }
            bytes.append(contentsOf: chunk[..<count])
        }
    }
}
