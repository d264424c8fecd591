import Glibc
import LinuxSystem

/// A loopback port that is taken, so that nobody else gets it, and on which nobody listens.
final class SilentPort {
    let host: String
    private let descriptor: Int32

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { [descriptor] pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 ? getsockname(descriptor, generic, &length) : -1
            }
        }
        host = "127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
        if code != 0 { throw SystemError("bind", code: errno) }
    }

    deinit {
        close(descriptor)
    }
}
