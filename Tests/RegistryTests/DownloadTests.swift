import NIOHTTP1
import OCI
import Registry
import Testing

@Suite("downloads over bad connections")
struct DownloadTests {
    static let content = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
    static let descriptor = Descriptor(
        mediaType: MediaType.ociLayerTar,
        digest: .sha256(of: content),
        size: Int64(content.count)
    )

    /// Sends at most `limit` bytes of each answer, then cuts the connection.
    private static func cutting(
        after limit: Int,
        honoursRange: Bool
    ) -> ScriptedServer.Respond {
        { request, _ in
            var start = 0
            if honoursRange, let range = request.header("Range") {
                start = Int(range.dropFirst("bytes=".count).dropLast()) ?? 0
            }
            let rest = content[start...]
            var headers = [("Content-Length", String(rest.count))]
            if start > 0 {
                headers.append(("Content-Range", "bytes \(start)-\(content.count - 1)/\(content.count)"))
            }
            return .init(
                status: start > 0 ? .partialContent : .ok,
                headers: headers,
                body: Array(rest.prefix(limit)),
                isCut: rest.count > limit
            )
        }
    }

    private func download(
        _ respond: @escaping ScriptedServer.Respond,
        _ check: (Result<[UInt8], any Error>, ScriptedServer, Recorder) throws -> Void
    ) async throws {
        try await ScriptedServer.with(respond) { server in
            let reference = try ImageReference(parsing: "\(server.host)/a:1")
            let recorder = Recorder()
            let result = await recorded {
                try await RegistryClient.with(recorder.configuration()) { client in
                    try await read(client.blob(Self.descriptor, of: reference))
                }
            }
            try check(result, server, recorder)
        }
    }

    private func recorded(_ body: () async throws -> [UInt8]) async -> Result<[UInt8], any Error> {
        do {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }

    @Test("a broken download goes on where it broke")
    func resumed() async throws {
        try await download(
            { request, position in
                Self.cutting(after: position == 0 ? 40_000 : .max, honoursRange: true)(request, position)
            },
            { result, server, recorder in
                #expect((try? result.get()) == Self.content)
                // The library may drop the last bytes before the break.
                var received: Int64 = 0
                for event in recorder.events {
                    if case .retrying = event { break }
                    if case .downloaded(_, let offset, _) = event { received = offset }
                }
                let range = received > 0 ? "bytes=\(received)-" : nil
                #expect(server.requests.map { $0.header("Range") } == [nil, range])
            }
        )
    }

    @Test("a server that starts anew is followed")
    func restarted() async throws {
        try await download(
            { request, position in
                Self.cutting(after: position == 0 ? 40_000 : .max, honoursRange: false)(request, position)
            },
            { result, server, _ in
                #expect((try? result.get()) == Self.content)
                #expect(server.requests.count == 2)
            }
        )
    }

    @Test("a connection that always breaks is given up after three tries")
    func givenUp() async throws {
        try await download(Self.cutting(after: 10, honoursRange: true)) { result, server, _ in
            #expect(throws: RegistryError.self) { try result.get() }
            #expect(server.requests.count == 3)
        }
    }

    @Test("more or fewer bytes than announced are refused at once", arguments: [99_999, 100_001])
    func sizes(count: Int) async throws {
        let body = [UInt8](repeating: 0, count: count)
        try await download(
            { _, _ in .init(body: body) },
            { result, server, _ in
                let error = #expect(throws: RegistryError.self) { try result.get() }
                #expect(
                    error?.description == "\(Self.descriptor.digest): size mismatch: got \(count) bytes, want 100000"
                )
                #expect(server.requests.count == 1)
            }
        )
    }

    @Test("a range that was not asked for is refused")
    func wrongRange() async throws {
        try await download(
            { request, position in
                var reply = Self.cutting(after: 40_000, honoursRange: true)(request, position)
                if position > 0 {
                    reply.headers = [("Content-Length", "60000"), ("Content-Range", "bytes 39999-99999/100000")]
                }
                return reply
            },
            { result, _, _ in
                let error = #expect(throws: RegistryError.self) { try result.get() }
                #expect(error?.description.contains("wrong range") == true)
            }
        )
    }

    @Test("a redirect to another host does not take the authorization along")
    func redirect() async throws {
        try await ScriptedServer.with(Self.cutting(after: .max, honoursRange: false)) { storage in
            let target = "http://127.0.0.1:\(storage.port)/blob?signed=1"
            let registry: ScriptedServer.Respond = { request, _ in
                guard request.header("Authorization") != nil else {
                    return .init(status: .unauthorized, headers: [("WWW-Authenticate", "Basic realm=x")])
                }
                return .init(status: .temporaryRedirect, headers: [("Location", target)])
            }
            try await ScriptedServer.with(registry) { server in
                let credentials = GivenCredentials([server.host: .password(user: "u", password: Secret("p"))])
                let reference = try ImageReference(parsing: "\(server.host)/a:1")
                try await RegistryClient.with(Recorder().configuration(credentials: credentials)) { client in
                    let bytes = try await read(client.blob(Self.descriptor, of: reference))
                    #expect(bytes == Self.content)
                }
                #expect(server.requests.last?.header("Authorization") == "Basic dTpw")
            }
            #expect(storage.requests.map(\.uri) == ["/blob?signed=1"])
            #expect(storage.requests.map { $0.header("Authorization") } == [nil])
        }
    }

    @Test("redirects in a circle end")
    func circle() async throws {
        try await download(
            { request, _ in .init(status: .found, headers: [("Location", request.uri)]) },
            {
                result,
                server,
                _ in
                #expect(throws: RegistryError.self) { try result.get() }
                #expect(server.requests.count == 11)
            }
        )
    }
}
