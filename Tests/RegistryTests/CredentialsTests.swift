import LinuxSystem
import Registry
import Testing

@Suite("docker's credentials")
struct CredentialsTests {
    static let document = """
        {"auths": {
          "https://index.docker.io/v1/": {"auth": "aHViOnA6dw=="},
          "https://ghcr.io/v2/": {"username": "g", "password": "gp"},
          "quay.io": {"identitytoken": "it", "auth": "dTpw"},
          "empty.io": {}, "bad.io": {"auth": "***"}
        }, "credHelpers": {"helped.io": "test", "tokens.io": "token", "none.io": "none", "gone.io": "gone"},
        "other": [1, 2]}
        """

    private static func withConfiguration(
        _ text: String,
        _ body: (DockerCredentials) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            try write(Array(text.utf8), to: "\(directory)/config.json")
            let scripts = [
                "test":
                    #"read server; echo "{\"ServerURL\":\"$server\",\"Username\":\"u\",\"Secret\":\"for $server\"}""#,
                "token": #"echo '{"Username":"<token>","Secret":"refresh"}'"#,
                "none": "echo credentials not found in native keychain; exit 1",
            ]
            for (name, script) in scripts {
                let path = "\(directory)/docker-credential-\(name)"
                try write(Array("#!/bin/sh\n\(script)\n".utf8), to: path, mode: 0o755)
            }
            let path = "\(directory):/usr/bin:/bin"
            try await body(DockerCredentials(environment: ["DOCKER_CONFIG": directory, "PATH": path]))
        }
    }

    @Test("entries are found by domain, in all their forms")
    func entries() async throws {
        try await Self.withConfiguration(Self.document) { source in
            let expected: [(String, Credentials?)] = [
                ("docker.io", .password(user: "hub", password: Secret("p:w"))),
                ("ghcr.io", .password(user: "g", password: Secret("gp"))),
                ("quay.io", .identityToken(Secret("it"))),
                ("empty.io", nil), ("unknown.io", nil),
                ("helped.io", .password(user: "u", password: Secret("for helped.io"))),
                ("tokens.io", .identityToken(Secret("refresh"))),
                ("none.io", nil),
            ]
            for (domain, credentials) in expected {
                let found = try await source.credentials(for: domain)
                #expect(found == credentials, "\(domain)")
            }
            await #expect(throws: RegistryError.self) { try await source.credentials(for: "bad.io") }
        }
    }

    @Test("a helper that is not installed is named")
    func helperMissing() async throws {
        try await Self.withConfiguration(Self.document) { source in
            let error = await #expect(throws: RegistryError.self) { try await source.credentials(for: "gone.io") }
            #expect(
                error?.description
                    == "cannot read credentials from `docker-credential-gone`: not found in `PATH`"
            )
        }
    }

    @Test("no file means anonymous, a broken one is an error without its content")
    func files() async throws {
        let nowhere = DockerCredentials(environment: ["DOCKER_CONFIG": "/nonexistent"])
        #expect(try await nowhere.credentials(for: "docker.io") == nil)
        try await Self.withConfiguration(#"{"auths": {"a": "topsecret"}}"#) { source in
            let error = await #expect(throws: RegistryError.self) { try await source.credentials(for: "a") }
            #expect(error?.description.contains("topsecret") == false)
        }
    }

    @Test("secrets are not printed")
    func secrets() {
        let credentials = Credentials.password(user: "u", password: Secret("hunter2"))
        var dumped = ""
        dump(credentials, to: &dumped)
        #expect(!"\(credentials) \(String(reflecting: credentials)) \(dumped)".contains("hunter2"))
    }
}
