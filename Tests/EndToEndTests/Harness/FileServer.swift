import Glibc
import Synchronization

/// An HTTP server on a free loopback port whose answers the test writes; it ends with its last reference.
final class FileServer: Sendable {
    /// What was asked.
    struct Request: Sendable {
        let method: String
        /// Path and query.
        let target: String
        /// By their names in lower case.
        let headers: [String: String]
    }

    /// What is answered.
    struct Reply: Sendable {
        var status = 200
        var headers: [String: String] = [:]
        var body: [UInt8] = []
        /// The length that is announced, where it is not that of the body.
        var announcedLength: Int?

        static func text(_ text: String, _ headers: [String: String] = [:]) -> Reply {
            Reply(headers: headers, body: Array(text.utf8))
        }

        static func bytes(_ bytes: [UInt8]) -> Reply { Reply(body: bytes) }

        static let notFound = Reply(status: 404)
    }

    typealias Respond = @Sendable (Request) -> Reply

    let port: UInt16
    private let core: Core

    /// What the server's thread needs.
    private final class Core: Sendable {
        let listener: Int32
        let respond: Respond
        let log = Mutex<[Request]>([])

        init(_ listener: Int32, _ respond: @escaping Respond) {
            self.listener = listener
            self.respond = respond
        }
    }

    /// All requests so far, in order.
    var requests: [Request] { core.log.withLock { $0 } }

    /// The server's address without a path.
    var url: String { "http://127.0.0.1:\(port)" }

    init(_ respond: @escaping Respond) throws {
        let bound = try FreePort.bindSocket()
        guard listen(bound.descriptor, 16) == 0 else { throw Command.Failure.cannotStart("HTTP server", errno) }
        port = bound.port
        core = Core(bound.descriptor, respond)
        ServerThread.start { [core] in FileServer.serve(core) }
    }

    deinit {
        // Wakes the thread, which closes it.
        shutdown(core.listener, Int32(SHUT_RDWR))
    }

    private static func serve(_ core: Core) {
        while true {
            let connection = accept(core.listener, nil, nil)
            guard connection >= 0 else { break }
            while let request = read(connection) {
                core.log.withLock { $0.append(request) }
                if request.method == "CONNECT" {
                    // As a proxy it is also every server behind it.
                    let accepted = Array("HTTP/1.1 200 Connected\r\n\r\n".utf8)
                    _ = send(connection, accepted, accepted.count, Int32(MSG_NOSIGNAL))
                    continue
                }
                write(core.respond(request), to: connection, withBody: request.method != "HEAD")
                break
            }
            close(connection)
        }
        close(core.listener)
    }

    /// One request's head; these tests send no bodies.
    private static func read(_ connection: Int32) -> Request? {
        var text = ""
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        while !text.contains("\r\n\r\n") {
            let count = Glibc.read(connection, &buffer, buffer.count)
            guard count > 0 else { return nil }
            text += String(decoding: buffer[..<count], as: UTF8.self)
        }
        let lines = text.split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count == 3 else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let pair = line.split(separator: ":", maxSplits: 1)
            if pair.count == 2 { headers[pair[0].lowercased()] = String(pair[1].drop { $0 == " " }) }
        }
        return Request(method: String(words[0]), target: String(words[1]), headers: headers)
    }

    private static func write(_ reply: Reply, to connection: Int32, withBody: Bool) {
        var head = "HTTP/1.1 \(reply.status) Status\r\nConnection: close\r\n"
        head += "Content-Length: \(reply.announcedLength ?? reply.body.count)\r\n"
        for (name, value) in reply.headers { head += "\(name): \(value)\r\n" }
        var rest = (Array((head + "\r\n").utf8) + (withBody ? reply.body : []))[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
