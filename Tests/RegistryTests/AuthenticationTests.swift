import OCI
import Testing

@testable import Registry

@Suite("authentication")
struct AuthenticationTests {
    static let manifest = TestImage().manifest

    /// A registry that wants the token `t<n>`, and its token service, which counts them up.
    private static func registry(
        validTokens: Set<String> = ["t0"]
    ) -> ScriptedServer.Respond {
        { request, position in
            if request.uri.hasPrefix("/token") {
                // The request before this one was refused: its number makes the token.
                return .init(body: Array(#"{"token":"t\#(position / 3)","expires_in":300}"#.utf8))
            }
            let offered = request.header("Authorization") ?? ""
            guard validTokens.contains(where: { offered == "Bearer \($0)" }) else {
                let port = request.header("Host")?.split(separator: ":").last ?? ""
                let challenge =
                    #"Bearer realm="http://127.0.0.1:\#(port)/token",service="test reg",scope="repository:a:pull""#
                return .init(status: .unauthorized, headers: [("WWW-Authenticate", challenge)])
            }
            return .init(headers: [("Content-Type", MediaType.ociManifest)], body: manifest)
        }
    }

    @Test("a token is fetched once and used again")
    func token() async throws {
        try await ScriptedServer.with(Self.registry()) { server in
            let recorder = Recorder()
            let reference = try ImageReference(parsing: "\(server.host)/a/b:1")
            try await RegistryClient.with(recorder.configuration()) { client in
                _ = try await client.manifest(reference)
                _ = try await client.manifest(reference)
            }
            #expect(
                server.requests.map { $0.uri.prefix { $0 != "?" } }.map(String.init) == [
                    "/v2/a/b/manifests/1", "/token", "/v2/a/b/manifests/1", "/v2/a/b/manifests/1",
                ]
            )
            #expect(server.requests[1].uri == "/token?service=test%20reg&scope=repository%3Aa%2Fb%3Apull")
            #expect(server.requests[1].header("Authorization") == nil)
            let asked = TokenRequest(scope: "a/b:pull", registry: server.host)
            #expect(asked.description == "[auth] a/b:pull token for \(server.host)")
            #expect(recorder.events == [.tokenRequested(asked), .tokenAnswered(asked, succeeded: true)])
        }
    }

    @Test("a token that is refused later is replaced")
    func replaced() async throws {
        try await ScriptedServer.with(Self.registry(validTokens: ["t1"])) { server in
            let reference = try ImageReference(parsing: "\(server.host)/a:1")
            try await RegistryClient.with(Recorder().configuration()) { client in
                await #expect(throws: RegistryError.self) { try await client.manifest(reference) }
                _ = try await client.manifest(reference)
            }
            #expect(server.requests.last?.header("Authorization") == "Bearer t1")
        }
    }

    @Test("the token service gets the password, the registry only the token")
    func password() async throws {
        try await ScriptedServer.with(Self.registry()) { server in
            let reference = try ImageReference(parsing: "\(server.host)/a:1")
            let credentials = GivenCredentials([server.host: .password(user: "u", password: Secret("p"))])
            try await RegistryClient.with(Recorder().configuration(credentials: credentials)) { client in
                _ = try await client.manifest(reference)
            }
            #expect(server.requests.map { $0.header("Authorization") } == [nil, "Basic dTpw", "Bearer t0"])
        }
    }

    @Test("an identity token is exchanged with POST")
    func identityToken() async throws {
        try await ScriptedServer.with(Self.registry()) { server in
            let reference = try ImageReference(parsing: "\(server.host)/a:1")
            let credentials = GivenCredentials([server.host: .identityToken(Secret("r&t"))])
            try await RegistryClient.with(Recorder().configuration(credentials: credentials)) { client in
                _ = try await client.manifest(reference)
            }
            let request = server.requests[1]
            #expect(request.method == "POST")
            #expect(request.uri == "/token")
            #expect(
                request.body
                    == "service=test%20reg&scope=repository%3Aa%3Apull&client_id=swbuild&grant_type=refresh_token"
                    + "&refresh_token=r%26t"
            )
        }
    }

    @Test("a token service that refuses is quoted, without control characters")
    func refused() async throws {
        let body = Array("{\"details\":\"no \\u001b[31mway\"}".utf8)
        try await ScriptedServer.with(
            { request, position in
                if request.uri.hasPrefix("/token") {
                    return .init(status: .unauthorized, body: body)
                }
                let port = request.header("Host")?.split(separator: ":").last ?? ""
                return .init(
                    status: .unauthorized,
                    headers: [("WWW-Authenticate", #"Bearer realm="http://127.0.0.1:\#(port)/token""#)]
                )
            },
            { server in
                let reference = try ImageReference(parsing: "\(server.host)/a:1")
                try await RegistryClient.with(Recorder().configuration()) { client in
                    let error = await #expect(throws: RegistryError.self) { try await client.resolve(reference) }
                    #expect(error?.description == "\(reference): unauthorized: no  [31mway")
                }
            }
        )
    }

    @Test(
        "challenges are parsed",
        arguments: [
            (
                "Bearer realm=\"a\",service=b",
                [AuthenticationChallenge(scheme: "bearer", parameters: ["realm": "a", "service": "b"])]
            ),
            ("BASIC realm=\"x \\\"y\\\", z\"", [.init(scheme: "basic", parameters: ["realm": "x \"y\", z"])]),
            ("Negotiate", [.init(scheme: "negotiate", parameters: [:])]),
            (
                "Basic realm=\"a\", Bearer realm = \"b\" , scope=\"c:d:pull,push\"",
                [
                    .init(scheme: "basic", parameters: ["realm": "a"]),
                    .init(scheme: "bearer", parameters: ["realm": "b", "scope": "c:d:pull,push"]),
                ]
            ),
            ("", []), ("\"=,\u{1}", []),
            ("Bearer realm=\"open", [.init(scheme: "bearer", parameters: ["realm": "open"])]),
        ]
    )
    func challenges(header: String, expected: [AuthenticationChallenge]) {
        #expect(AuthenticationChallenge.parse(header) == expected)
    }
}
