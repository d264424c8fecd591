import LinuxSystem
import OCI

/// Runs the program `git`, apart from the user's and the machine's configuration (spec/03 §3.3, isolation).
struct GitProgram: Sendable {
    /// Configuration given by the environment, so that no other user's `ps` shows it.
    let configuration: [(key: String, value: String)]
    /// Texts that must not appear in messages.
    let redacted: [String]
    /// The socket of an SSH agent in place of the caller's.
    let agent: Path?

    /// Git with the `Authorization` header for `url` and with an SSH agent, if there are any.
    init(url: String, authorization: String?, agent: Path? = nil) {
        self.agent = agent
        // A repository may name no helper as its submodule's transport, and no directory of this machine.
        var configuration = [
            ("protocol.allow", "never"), ("protocol.https.allow", "always"), ("protocol.http.allow", "always"),
            ("protocol.ssh.allow", "always"), ("protocol.git.allow", "always"), ("protocol.file.allow", "user"),
            ("core.hooksPath", "/dev/null"), ("safe.directory", "*"), ("advice.detachedHead", "false"),
        ]
        if let authorization {
            configuration.append(("http.\(url).extraheader", "Authorization: \(authorization)"))
        }
        self.configuration = configuration
        redacted = (authorization.map { [$0] } ?? []) + Self.credentials(of: url)
    }

    /// Runs `git` with `arguments` in `directory` and gives its standard output; throws
    /// ``OperationError/git(arguments:message:)`` where it fails.
    @discardableResult
    func run(_ arguments: [String], in directory: Path? = nil, environment extra: [String] = []) async throws -> String
    {
        guard Process.find("git") != nil else { throw OperationError.gitMissing }
        let request = Process.Request(
            "sh",
            // What is checked out must not depend on the caller's mask.
            ["-c", "umask 022 && exec git \"$@\"", "git"] + arguments,
            environment: environment + extra,
            directory: directory,
            output: .whole(limit: 64 << 20)
        )
        let outcome = try await Process.run(request)
        guard outcome.status.isSuccess else {
            let command = arguments.first { !$0.hasPrefix("-") } ?? ""
            throw OperationError.git(arguments: [command], message: redact(outcome.errorText))
        }
        return String(decoding: outcome.output, as: UTF8.self)
    }

    private static let passedVariables: Set<String> = [
        "PATH", "SSH_AUTH_SOCK", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy",
        "no_proxy", "all_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO",
    ]

    private var environment: [String] {
        let passed = Process.environment.filter { entry in
            Self.passedVariables.contains(String(entry.prefix { $0 != "=" }))
        }
        var variables =
            passed + [
                "HOME=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_TERMINAL_PROMPT=0",
                "GIT_LFS_SKIP_SMUDGE=1", "GIT_SSH_COMMAND=\(Self.sshCommand)", "LC_ALL=C",
                "GIT_CONFIG_COUNT=\(configuration.count)",
            ]
        if let agent {
            variables.removeAll { $0.hasPrefix("SSH_AUTH_SOCK=") }
            variables.append("SSH_AUTH_SOCK=\(agent.string)")
        }
        for (index, entry) in configuration.enumerated() {
            variables += ["GIT_CONFIG_KEY_\(index)=\(entry.key)", "GIT_CONFIG_VALUE_\(index)=\(entry.value)"]
        }
        return variables
    }

    /// Hosts must be known to the user that called; with `HOME` and not with the user's id, which in a user namespace is
    /// another one's.
    private static var sshCommand: String {
        guard let home = Process.variable("HOME"), home.hasPrefix("/"), !home.contains("\"") else {
            return "ssh -F /dev/null -o BatchMode=yes"
        }
        return "ssh -F /dev/null -o BatchMode=yes -o 'UserKnownHostsFile=\"\(home)/.ssh/known_hosts\"'"
    }

    /// `text` without credentials.
    func redact(_ text: String) -> String {
        redacted.reduce(text) { text, secret in
            secret.isEmpty
                ? text : text.split(separator: secret, omittingEmptySubsequences: false).joined(separator: "xxxxx")
        }
    }

    /// What a URL holds of user, password or token.
    private static func credentials(of url: String) -> [String] {
        guard let scheme = url.firstRange(of: "://") else { return [] }
        let authority = url[scheme.upperBound...].prefix { $0 != "/" }
        guard let at = authority.lastIndex(of: "@"), authority[..<at].contains(":") || url.hasPrefix("http") else {
            return []
        }
        return [String(authority[..<at])]
    }
}
