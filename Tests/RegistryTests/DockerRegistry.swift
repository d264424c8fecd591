import LinuxSystem
import OCI
import Registry

/// A `docker-registry` of its own, on a free loopback port, in a temporary directory.
struct DockerRegistry {
    /// How the registry is set up.
    struct Setup {
        /// The user is `user`, the password `secret`.
        var hasUsers = false
        /// The certificate is `tls.crt` in the registry's directory.
        var hasCertificate = false
    }

    /// Why tests with a real registry cannot run, if they cannot.
    static let isInstalled = Process.find("docker-registry") != nil

    let port: Int
    let directory: String

    /// The registry's name.
    var host: String { "127.0.0.1:\(port)" }

    /// Returns the path of a blob in the registry's storage.
    func path(of digest: Digest) -> String {
        "\(directory)/data/docker/registry/v2/blobs/sha256/\(digest.hex.prefix(2))/\(digest.hex)/data"
    }

    func reference(_ name: String) throws -> ImageReference {
        try ImageReference(parsing: "\(host)/\(name)")
    }

    /// Calls `body` with a running registry, which is killed afterwards.
    static func with(_ setup: Setup = Setup(), _ body: (DockerRegistry) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            let configuration = try await configuration(setup, directory)
            try write(Array(configuration.utf8), to: "\(directory)/config.yml")
            let (ports, continuation) = AsyncStream<Int>.makeStream()
            let program = ["docker-registry", "serve", "\(directory)/config.yml"]
            // The registry must not outlive a test process that crashes.
            let isGuarded = Process.find("setpriv") != nil
            let command = isGuarded ? ["setpriv", "--pdeathsig", "KILL"] + program : program
            let request = Process.Request(
                command[0],
                Array(command.dropFirst()),
                output: .discard,
                errorOutput: .stream { bytes in
                    if let port = listeningPort(String(decoding: bytes, as: UTF8.self)) {
                        continuation.yield(port)
                    }
                }
            )
            // Leaving this scope cancels the process and waits for its end.
            async let ended: Void = {
                defer { continuation.finish() }
                _ = try await Process.run(request)
            }()
            for await port in ports {
                try await body(DockerRegistry(port: port, directory: directory))
                return
            }
            try await ended
            throw SystemError("start docker-registry", code: 1)
        }
    }

    private static func listeningPort(_ log: String) -> Int? {
        guard let range = log.firstRange(of: "listening on 127.0.0.1:") else { return nil }
        return Int(log[range.upperBound...].prefix { $0.isNumber })
    }

    private static func configuration(_ setup: Setup, _ directory: String) async throws -> String {
        var text = """
            version: 0.1
            log:
              accesslog:
                disabled: true
            storage:
              filesystem:
                rootdirectory: \(directory)/data
            http:
              addr: 127.0.0.1:0

            """
        if setup.hasCertificate {
            try await makeCertificate(directory)
            text += "  tls:\n    certificate: \(directory)/tls.crt\n    key: \(directory)/tls.key\n"
        }
        if setup.hasUsers {
            let users = "user:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n"
            try write(Array(users.utf8), to: "\(directory)/htpasswd")
            text += "auth:\n  htpasswd:\n    realm: test\n    path: \(directory)/htpasswd\n"
        }
        return text
    }

    private static func makeCertificate(_ directory: String) async throws {
        let arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "\(directory)/tls.key", "-out",
            "\(directory)/tls.crt",
        ]
        let outcome = try await Process.run(Process.Request("openssl", arguments))
        guard outcome.status.isSuccess else { throw SystemError("run openssl", code: 1, detail: outcome.errorText) }
    }
}
