import NIOHTTP1
import OCI
import Registry
import Testing

@Suite("resolving")
struct ResolveTests {
    static let manifest = TestImage().manifest

    private func resolve(
        name: String = "a:1",
        _ respond: @escaping ScriptedServer.Respond,
        _ check: (Result<Descriptor, RegistryError>, ScriptedServer) throws -> Void
    ) async throws {
        try await ScriptedServer.with(respond) { server in
            let reference = try ImageReference(parsing: "\(server.host)/\(name)")
            try await RegistryClient.with(Recorder().configuration()) { client in
                do {
                    try check(.success(try await client.resolve(reference)), server)
                } catch let error as RegistryError {
                    try check(.failure(error), server)
                }
            }
        }
    }

    @Test("a registry without digests in its heads is read")
    func fallback() async throws {
        try await resolve(
            { request, _ in
                request.method == "HEAD" ? .init(status: .methodNotAllowed) : .init(body: Self.manifest)
            },
            { result, server in
                let expected = Descriptor(
                    mediaType: MediaType.ociManifest,
                    digest: .sha256(of: Self.manifest),
                    size: Int64(Self.manifest.count)
                )
                #expect(result == .success(expected))
                #expect(server.requests.map(\.method) == ["HEAD", "GET"])
                #expect(server.requests.first?.header("Accept")?.contains(MediaType.dockerIndex) == true)
            }
        )
    }

    @Test("another document than the digest's is refused")
    func mismatch() async throws {
        let want = Digest.sha256(of: "other")
        try await resolve(
            name: "a@\(want)",
            { request, _ in .init(body: Self.manifest) },
            { result, _ in
                let error = #expect(throws: RegistryError.self) { try result.get() }
                #expect(error?.description == "digest mismatch \(Digest.sha256(of: Self.manifest)): \(want)")
            }
        )
    }

    @Test("a manifest of more than 4 MiB is refused")
    func large() async throws {
        let body = [UInt8](repeating: 0x20, count: (4 << 20) + 1)
        try await resolve(
            { _, _ in .init(body: body) },
            { result, _ in
                let error = #expect(throws: RegistryError.self) { try result.get() }
                #expect(error?.description.hasSuffix("a:1: larger than 4194304 bytes") == true)
            }
        )
    }

    @Test("a document that is no manifest is refused")
    func nonsense() async throws {
        await #expect(throws: DocumentError.self) {
            try await resolve({ _, _ in .init(body: Array("<html>".utf8)) }, { _, _ in })
        }
    }

    @Test("server errors and short rate limits are waited out")
    func retried() async throws {
        let replies: [ScriptedServer.Reply] = [
            .init(status: .serviceUnavailable), .init(status: .tooManyRequests, headers: [("Retry-After", "0")]),
            .init(status: .methodNotAllowed), .init(body: Self.manifest),
        ]
        try await resolve(
            { _, position in replies[position] },
            { result, server in
                _ = try result.get()
                #expect(server.requests.count == 4)
            }
        )
    }

    @Test("a long rate limit is an error that says how long")
    func limited() async throws {
        let body = Array(#"{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your limit"}]}"#.utf8)
        try await resolve(
            { _, _ in
                .init(status: .tooManyRequests, headers: [("Retry-After", "3600")], body: body)
            },
            { result, server in
                let error = #expect(throws: RegistryError.self) { try result.get() }
                #expect(
                    error?.description
                        == "registry `\(server.host)` limits the rate: toomanyrequests: You have reached your limit"
                )
                #expect(error?.hint == "try again in 3600 seconds, or log in with `docker login \(server.host)`")
            }
        )
    }

    @Test("a registry that does not listen is named")
    func unreachable() async throws {
        let port = try SilentPort()
        let host = port.host
        try await RegistryClient.with(Recorder().configuration()) { client in
            let error = await #expect(throws: RegistryError.self) {
                try await client.resolve(ImageReference(parsing: "\(host)/a"))
            }
            #expect(error?.description == "cannot reach registry `\(host)`: connection refused")
            #expect(error?.hint == "check that a registry listens at \(host)")
        }
        withExtendedLifetime(port) {}
    }

    @Test("a proxy is used, and its refusal told")
    func proxy() async throws {
        try await ScriptedServer.with(
            { _, _ in .init(status: .proxyAuthenticationRequired) },
            { server in
                let environment = ["HTTPS_PROXY": "http://u:p@127.0.0.1:\(server.port)"]
                try await RegistryClient.with(Recorder().configuration(environment: environment)) { client in
                    let error = await #expect(throws: RegistryError.self) {
                        try await client.resolve(ImageReference(parsing: "registry.test/a"))
                    }
                    #expect(
                        error?.description
                            == "cannot reach registry `registry.test`: the proxy wants a user and a password"
                    )
                }
                #expect(server.requests.map(\.method) == ["CONNECT"])
                #expect(server.requests.first?.uri == "registry.test:443")
                #expect(server.requests.first?.header("Proxy-Authorization") == "Basic dTpw")
            }
        )
    }

    @Test("after shutdown nothing is sent")
    func shutdown() async throws {
        try await ScriptedServer.with(
            { _, _ in .init(body: Self.manifest) },
            { server in
                let client = RegistryClient(Recorder().configuration())
                let reference = try ImageReference(parsing: "\(server.host)/a")
                _ = try await client.resolve(reference)
                client.shutdown()
                client.shutdown()
                await #expect(throws: CancellationError.self) { try await client.resolve(reference) }
            }
        )
    }
}
