import Glibc

// Stream sockets with a name in the file system (unix(7)).
extension Directory {
    /// Makes a socket `name` here and listens on it; its permissions follow the process's mask.
    package func listen(_ name: Path, backlog: Int32 = 16) throws(SystemError) -> FileDescriptor {
        let listener = try FileDescriptor.unixSocket()
        try withAddress(name) { address, length throws(SystemError) in
            _ = try libraryCall("make socket", name) { bind(listener.raw, address, length) }
        }
        _ = try libraryCall("listen", name) { Glibc.listen(listener.raw, backlog) }
        return listener
    }

    /// Connects to the socket `name` here, whatever the length of the directory's path.
    package func connect(_ name: Path) throws(SystemError) -> FileDescriptor {
        let connection = try FileDescriptor.unixSocket()
        try withAddress(name) { address, length throws(SystemError) in
            _ = try libraryCall("connect", name) { Glibc.connect(connection.raw, address, length) }
        }
        return connection
    }

    /// Calls `body` with the address of a name here; by the directory's descriptor, since an address holds 107 bytes.
    private func withAddress(
        _ name: Path,
        _ body: (UnsafePointer<sockaddr>, socklen_t) throws(SystemError) -> Void
    ) throws(SystemError) {
        let path = Array("/proc/self/fd/\(descriptor.raw)/".utf8) + name.bytes
        var address = sockaddr_un()
        guard path.count < MemoryLayout.size(ofValue: address.sun_path), !name.bytes.contains(Path.separator) else {
            throw SystemError("name socket", name, code: ENAMETOOLONG)
        }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic -> SystemError? in
                do throws(SystemError) {
                    try body(generic, socklen_t(MemoryLayout<sockaddr_un>.size))
                    return nil
                } catch {
                    return error
                }
            }
        }
        if let result { throw result }
    }
}

extension FileDescriptor {
    fileprivate static func unixSocket() throws(SystemError) -> FileDescriptor {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        return FileDescriptor(owning: try libraryCall("make socket") { socket(AF_UNIX, type, 0) })
    }

    /// Waits for the next connection to a listening socket; EINVAL once it was shut down.
    package func acceptConnection() throws(SystemError) -> FileDescriptor {
        let accepted = FileDescriptor(owning: try libraryCall("accept connection") { accept(raw, nil, nil) })
        _ = try libraryCall("accept connection") { fcntl(accepted.raw, F_SETFD, FD_CLOEXEC) }
        return accepted
    }

    /// Ends a socket for all that hold it: whoever waits for it is woken.
    package func shutdownSocket() {
        // Fails only where the other side was faster.
        _ = shutdown(raw, Int32(SHUT_RDWR))
    }
}
