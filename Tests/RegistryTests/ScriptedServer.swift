import NIOCore
import NIOHTTP1
import NIOPosix
import Registry
import Synchronization

/// A tiny HTTP server on a free loopback port, whose answers the test writes.
final class ScriptedServer: Sendable {
    /// What was asked.
    struct Request: Sendable {
        let method: String
        let uri: String
        let headers: HTTPHeaders
        let body: String

        func header(_ name: String) -> String? { headers.first(name: name) }
    }

    /// What is answered.
    struct Reply: Sendable {
        var status = HTTPResponseStatus.ok
        var headers: [(String, String)] = []
        var body: [UInt8] = []
        /// Whether the connection is cut after the body; give a longer `Content-Length` yourself.
        var isCut = false
    }

    /// Makes the answer to a request, from it and from how many there were before.
    typealias Respond = @Sendable (Request, Int) -> Reply

    private typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    private let listening = Mutex(0)
    private let connections = Mutex<[Task<Void, Never>]>([])
    private let log = Mutex<[Request]>([])
    private let respond: Respond

    /// All requests so far.
    var requests: [Request] { log.withLock { $0 } }

    /// The server's name as a registry.
    var host: String { "127.0.0.1:\(port)" }

    /// The port that it listens at.
    var port: Int { listening.withLock(\.self) }

    private init(_ respond: @escaping Respond) {
        self.respond = respond
    }

    /// Calls `body` with a running server; `respond` gets each request and how many there were before.
    static func with(
        _ respond: @escaping Respond,
        _ body: (ScriptedServer) async throws -> Void
    ) async throws {
        let server = ScriptedServer(respond)
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { child in
                child.eventLoop.makeCompletedFuture {
                    try child.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: false)
                    server.begin(try Connection(wrappingChannelSynchronously: child))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        server.listening.withLock { $0 = channel.localAddress?.port ?? 0 }
        do {
            try await body(server)
        } catch {
            try? await channel.close()
            await server.end()
            throw error
        }
        try await channel.close()
        await server.end()
    }

    /// Serves a connection from the moment when it is there: one that nobody takes ends the process (NIO).
    private func begin(_ connection: Connection) {
        let task = Task { () -> Void in try? await serve(connection) }
        connections.withLock { $0.append(task) }
    }

    private func end() async {
        for task in connections.withLock(\.self) {
            task.cancel()
            await task.value
        }
    }

    private func serve(_ connection: Connection) async throws {
        try await connection.executeThenClose { inbound, outbound in
            var head: HTTPRequestHead?
            var body = ""
            for try await part in inbound {
                switch part {
                case .head(let value):
                    head = value
                    body = ""
                case .body(let buffer): body += String(buffer: buffer)
                case .end:
                    guard let head else { return }
                    let request = Request(
                        method: head.method.rawValue,
                        uri: head.uri,
                        headers: head.headers,
                        body: body
                    )
                    guard try await answer(request, outbound) else { return }
                }
            }
        }
    }

    /// Answers one request; returns whether the connection goes on.
    private func answer(
        _ request: Request,
        _ outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
    ) async throws -> Bool {
        let position = log.withLock { log in
            log.append(request)
            return log.count - 1
        }
        let reply = respond(request, position)
        var headers = HTTPHeaders(reply.headers)
        if !headers.contains(name: "Content-Length") {
            headers.add(name: "Content-Length", value: String(reply.body.count))
        }
        try await outbound.write(.head(HTTPResponseHead(version: .http1_1, status: reply.status, headers: headers)))
        if !reply.body.isEmpty, request.method != "HEAD" {
            try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: reply.body))))
        }
        if reply.isCut {
            return false
        }
        try await outbound.write(.end(nil))
        return true
    }
}

/// A configuration that does not wait between tries, and keeps what happens.
final class Recorder: Sendable {
    private let log = Mutex<[RegistryEvent]>([])

    var events: [RegistryEvent] { log.withLock { $0 } }

    func configuration(
        credentials: any CredentialSource = GivenCredentials(),
        environment: [String: String] = [:]
    ) -> RegistryConfiguration {
        var configuration = RegistryConfiguration(credentials: credentials, environment: environment)
        configuration.retryDelay = .zero
        configuration.onEvent = { event in self.log.withLock { $0.append(event) } }
        return configuration
    }
}
