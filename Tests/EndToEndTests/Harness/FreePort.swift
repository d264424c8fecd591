import Glibc

/// Free loopback ports.
enum FreePort {
    /// A port that was free just now, for servers that cannot choose one themselves.
    static func find() throws -> UInt16 {
        let bound = try bindSocket()
        close(bound.descriptor)
        return bound.port
    }

    /// A socket that is bound to a port of the kernel's choice; the caller closes it.
    static func bindSocket() throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 ? getsockname(descriptor, generic, &length) : -1
            }
        }
        guard code == 0 else { throw Command.Failure.cannotStart("a server on 127.0.0.1", errno) }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }
}
