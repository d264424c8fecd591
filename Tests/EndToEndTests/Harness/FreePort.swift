import Glibc

/// Ports of loopback.
enum FreePort {
    /// A port that was free just now, for servers that cannot choose one themselves.
    static func find() throws -> UInt16 {
        let bound = try bindSocket()
        close(bound.descriptor)
        return bound.port
    }

    /// A socket that is connected to a port; the caller closes it.
    static func connect(to port: UInt16) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let code = withAddress(port) { address, length in Glibc.connect(descriptor, address, length) }
        guard code == 0 else {
            close(descriptor)
            throw Command.Failure.cannotStart("a connection to 127.0.0.1:\(port)", errno)
        }
        return descriptor
    }

    /// A socket that is bound to a port of the kernel's choice; the caller closes it.
    static func bindSocket() throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var bound = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withAddress(0) { address, size in bind(descriptor, address, size) }
        let named = withUnsafeMutablePointer(to: &bound) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard code == 0, named == 0 else { throw Command.Failure.cannotStart("a server on 127.0.0.1", errno) }
        return (descriptor, UInt16(bigEndian: bound.sin_port))
    }

    /// Calls `body` with the address of a port of loopback.
    private static func withAddress(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
