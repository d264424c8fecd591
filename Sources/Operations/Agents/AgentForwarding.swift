import LinuxSystem
import Storage
import Synchronization

/// A socket for one step, behind which is an SSH agent that can be asked but not changed (spec/02 §2.4).
///
/// Ends with its last reference, together with all connections.
final class AgentForwarding: Sendable {
    /// Where the socket is, for mounting.
    let path: Path
    private let core: Core
    private let home: SocketDirectory

    /// Listens on a new socket with the owner and permissions that the mount asks for.
    init(
        to agent: AgentSocket,
        in cache: CacheDirectory,
        uid: UInt32,
        gid: UInt32,
        permissions: UInt32,
        recordsOwners: Bool
    ) throws {
        home = try SocketDirectory(cache)
        let name: Path = "agent"
        core = Core(agent, listener: try home.directory.listen(name))
        path = home.path.appending(name)
        // With one id every user of the step is the kernel's owner of the socket.
        if !recordsOwners { try home.directory.setOwner(name, uid: uid, gid: gid) }
        try home.directory.setPermissions(name, permissions)
        let core = core
        try BlockingThread.start("ssh agent") { core.accept() }
    }

    deinit {
        core.end()
    }

    /// What the threads of the connections share.
    private final class Core: Sendable {
        /// A step that wants more connections at the same time gets none.
        private static let limit = 32

        private struct State {
            var connections: [Int: [SharedDescriptor]] = [:]
            var count = 0
            var hasEnded = false
        }

        private let agent: AgentSocket
        private let listener: FileDescriptor
        private let state = Mutex(State())

        init(_ agent: AgentSocket, listener: consuming FileDescriptor) {
            self.agent = agent
            self.listener = listener
        }

        func accept() {
            while let accepted = try? listener.acceptConnection() {
                let connection = SharedDescriptor(accepted)
                guard let id = add(connection) else { continue }
                do {
                    try BlockingThread.start("ssh agent") { [self] in
                        defer { remove(id) }
                        // A connection that breaks concerns only who made it.
                        try? serve(connection, id)
                    }
                } catch {
                    remove(id)
                }
            }
        }

        func end() {
            state.withLock { state in
                state.hasEnded = true
                for connection in state.connections.values.joined() { connection.descriptor.shutdownSocket() }
            }
            listener.shutdownSocket()
        }

        private func serve(_ connection: SharedDescriptor, _ id: Int) throws {
            let upstream = SharedDescriptor(try agent.connect())
            guard add(upstream, to: id) else { return }
            while let request = try AgentMessage.read(from: connection.descriptor) {
                guard request.isReading else {
                    try AgentMessage.failure.write(to: connection.descriptor)
                    continue
                }
                try request.write(to: upstream.descriptor)
                guard let answer = try AgentMessage.read(from: upstream.descriptor) else { return }
                try answer.write(to: connection.descriptor)
            }
        }

        private func add(_ connection: SharedDescriptor) -> Int? {
            state.withLock { state in
                guard !state.hasEnded, state.connections.count < Self.limit else { return nil }
                state.count += 1
                state.connections[state.count] = [connection]
                return state.count
            }
        }

        private func add(_ upstream: SharedDescriptor, to id: Int) -> Bool {
            state.withLock { state in
                if state.hasEnded { return false }
                state.connections[id, default: []].append(upstream)
                return true
            }
        }

        private func remove(_ id: Int) {
            state.withLock { $0.connections[id] = nil }
        }
    }
}

/// A directory for a socket, which nobody but this user may enter; removed with its last reference.
final class SocketDirectory: Sendable {
    private let temporary: TemporaryDirectory

    init(_ cache: CacheDirectory) throws {
        temporary = try cache.makeTemporaryDirectory()
    }

    var path: Path { temporary.path }
    var directory: Directory { _read { yield temporary.directory } }
}

/// Where an SSH agent listens.
package struct AgentSocket: Sendable {
    let path: Path
    /// What must stay as long as the agent is used.
    private let keptAlive: SocketDirectory?

    init(_ path: Path, in directory: SocketDirectory? = nil) {
        self.path = path
        keptAlive = directory
    }

    /// A new connection.
    func connect() throws(SystemError) -> FileDescriptor {
        try Directory.open(path.parent.isEmpty ? "." : path.parent).connect(path.lastComponent ?? path)
    }
}
