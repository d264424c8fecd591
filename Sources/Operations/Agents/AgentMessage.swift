import LinuxSystem

/// A message of the SSH agent protocol, without its length (draft-miller-ssh-agent, §3).
struct AgentMessage: Hashable, Sendable {
    /// The largest message that OpenSSH's agent takes, in bytes.
    static let limit = 256 << 10
    /// SSH_AGENT_FAILURE.
    static let failure = AgentMessage(bytes: [5])

    /// The type, then what it carries; never empty.
    let bytes: [UInt8]

    private enum Kind: UInt8 {
        case requestIdentities = 11
        case signRequest = 13
        case `extension` = 27
    }

    /// Whether a step may ask it: to list keys and to sign with them, never to change what the agent holds.
    var isReading: Bool {
        switch bytes.first.flatMap(Kind.init) {
        case .requestIdentities, .signRequest: true
        case .extension: extensionName.map { $0.elementsEqual("query".utf8) } ?? false
        case nil: false
        }
    }

    private var extensionName: ArraySlice<UInt8>? {
        guard bytes.count >= 5 else { return nil }
        let length = bytes[1..<5].reduce(0) { $0 << 8 | Int($1) }
        return bytes.count - 5 >= length ? bytes[5..<(5 + length)] : nil
    }

    /// Waits for a message; nil at the end of the connection, and where what comes is none.
    static func read(from connection: borrowing FileDescriptor) throws -> AgentMessage? {
        guard let head = try read(4, from: connection) else { return nil }
        let length = head.reduce(0) { $0 << 8 | Int($1) }
        guard (1...limit).contains(length), let bytes = try read(length, from: connection) else { return nil }
        return AgentMessage(bytes: bytes)
    }

    private static func read(
        _ count: Int,
        from connection: borrowing FileDescriptor
    ) throws -> [UInt8]? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: min(count, 1 << 14))
        while bytes.count < count {
            let wanted = min(count - bytes.count, buffer.count)
            let read = try buffer.withUnsafeMutableBytes { try connection.read(into: .init(rebasing: $0[..<wanted])) }
            if read == 0 { return nil }
            bytes += buffer[..<read]
        }
        return bytes
    }

    /// Sends the message with its length.
    func write(to connection: borrowing FileDescriptor) throws(SystemError) {
        let count = UInt32(bytes.count)
        let head = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) }
        try connection.writeAll(head + bytes)
    }
}
