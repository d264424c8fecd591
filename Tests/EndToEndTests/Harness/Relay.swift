import Glibc
import Synchronization

/// A server on loopback that hands everything on to another one, and may go away in the middle of a request.
///
/// Then all its connections break, and new ones are refused. It ends with its last reference.
final class Relay: Sendable {
    /// When it goes away.
    struct End: Sendable {
        /// What the request begins with, after which so much is still handed on in both directions.
        let request: String
        let bytes: Int
        /// Which of the requests that begin like that; the first is 1.
        let number: Int

        init(_ request: String, number: Int = 1, after bytes: Int) {
            self.request = request
            self.number = number
            self.bytes = bytes
        }
    }

    /// `127.0.0.1:<port>`.
    let address: String
    private let core: Core

    /// What the relay's thread needs.
    private final class Core: Sendable {
        let listener: Int32
        let port: UInt16
        let end: End?
        let pause: @Sendable (String) -> Void
        let requests = Mutex<[String]>([])
        private let isListening = Mutex(true)

        init(_ listener: Int32, _ port: UInt16, _ end: End?, _ pause: @escaping @Sendable (String) -> Void) {
            self.listener = listener
            self.port = port
            self.end = end
            self.pause = pause
        }

        /// Wakes the thread, which closes everything.
        func wake() { isListening.withLock { if $0 { shutdown(listener, Int32(SHUT_RDWR)) } } }

        func stopListening() {
            isListening.withLock { isListening in
                close(listener)
                isListening = false
            }
        }
    }

    /// The first lines of all requests that were handed on, or begun to be, in order.
    var requests: [String] { core.requests.withLock { $0 } }

    /// Starts a relay to a port of loopback; a request is handed on when `pause`, which gets its first line, has returned.
    init(to port: UInt16, until end: End? = nil, pause: @escaping @Sendable (String) -> Void = { _ in }) throws {
        let bound = try FreePort.bindSocket()
        guard listen(bound.descriptor, 16) == 0 else { throw Command.Failure.cannotStart("a relay", errno) }
        address = "127.0.0.1:\(bound.port)"
        core = Core(bound.descriptor, port, end, pause)
        ServerThread.start { [core] in
            var lines = Lines(core)
            lines.run()
        }
    }

    deinit { core.wake() }

    /// The connections of a relay, each a pair, and how far it is.
    private struct Lines {
        private let core: Core
        /// From each socket to the one that its bytes go to.
        private var pairs: [Int32: Int32] = [:]
        private var clients: Set<Int32> = []
        private var found = 0
        /// How many bytes are still handed on; nil before the request.
        private var left: Int?

        init(_ core: Core) { self.core = core }

        mutating func run() {
            while left != 0, let ready = wait() {
                for socket in ready where left != 0 {
                    if socket == core.listener {
                        guard connect() else { return end() }
                    } else if let other = pairs[socket], !carry(from: socket, to: other) {
                        drop(socket, other)
                    }
                }
            }
            end()
        }

        private func wait() -> [Int32]? {
            var waiting = ([core.listener] + pairs.keys).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard poll(&waiting, nfds_t(waiting.count), -1) > 0 else { return nil }
            return waiting.filter { $0.revents != 0 }.map(\.fd)
        }

        private mutating func connect() -> Bool {
            let client = accept(core.listener, nil, nil)
            guard client >= 0 else { return false }
            guard let server = try? FreePort.connect(to: core.port) else {
                close(client)
                return true
            }
            (pairs[client], pairs[server]) = (server, client)
            clients.insert(client)
            return true
        }

        /// Hands on what there is; false where the connection is at its end.
        private mutating func carry(from socket: Int32, to other: Int32) -> Bool {
            var buffer = [UInt8](repeating: 0, count: 1 << 14)
            var count = read(socket, &buffer, buffer.count)
            guard count > 0 else { return false }
            if clients.contains(socket) { look(at: buffer[..<count]) }
            if let left {
                count = min(count, left)
                self.left = left - count
            }
            var rest = buffer[..<count]
            while !rest.isEmpty {
                let sent = rest.withUnsafeBytes { send(other, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                guard sent > 0 else { return false }
                rest = rest.dropFirst(sent)
            }
            return true
        }

        /// A client sends the head of a request by itself, and nothing before the answer to the one before.
        private mutating func look(at bytes: ArraySlice<UInt8>) {
            guard let line = String(validating: bytes.prefix { $0 != 13 }, as: UTF8.self), line.hasSuffix(" HTTP/1.1")
            else { return }
            core.requests.withLock { $0.append(line) }
            core.pause(line)
            guard left == nil, let end = core.end, line.hasPrefix(end.request) else { return }
            found += 1
            if found == end.number { left = end.bytes }
        }

        private mutating func drop(_ socket: Int32, _ other: Int32) {
            for one in [socket, other] {
                pairs[one] = nil
                clients.remove(one)
                close(one)
            }
        }

        private func end() {
            core.stopListening()
            for socket in pairs.keys { close(socket) }
        }
    }
}
