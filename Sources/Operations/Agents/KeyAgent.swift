import LinuxSystem
import Storage

/// An agent that holds keys given as files: the programs `ssh-agent` and `ssh-add`, which know every kind of key.
///
/// It ends when it is stopped, and also when this process is killed.
struct KeyAgent: Sendable {
    /// As BuildKit's limit, in bytes.
    private static let limit = 100 << 10
    private static let name: Path = "agent"

    let socket: AgentSocket
    private let lifeline: SharedPipe
    private let process: Task<Process.Outcome, any Error>

    /// Starts an agent and hands it the keys; throws ``OperationError/sshKey(path:reason:)`` for one that it refuses.
    static func start(_ keys: [Path], in cache: CacheDirectory) async throws -> KeyAgent {
        for program in ["ssh-agent", "ssh-add"] where Process.find(program) == nil {
            throw OperationError.sshProgramMissing(program)
        }
        let agent = try await start(in: cache)
        do {
            for key in keys { try await agent.add(key) }
            return agent
        } catch {
            await agent.stop()
            throw error
        }
    }

    /// Ends the agent and waits for its end.
    func stop() async {
        lifeline.closeWriteEnd()
        _ = await process.result
    }

    private static func start(in cache: CacheDirectory) async throws -> KeyAgent {
        let home = try SocketDirectory(cache)
        let lifeline = try SharedPipe()
        let (greetings, greeted) = AsyncStream.makeStream(of: Void.self)
        // The agent lives as long as somebody holds the other end of the pipe: this process, and nobody after it.
        let script = """
            ssh-agent -D -a "$1" & agent=$!
            cat >/dev/null
            kill "$agent"
            """
        let request = Process.Request(
            "sh",
            ["-c", script, "sh", name.string],
            environment: environment,
            directory: home.path,
            input: .descriptor(lifeline.readEndNumber),
            output: .stream { _ in greeted.yield() }
        )
        let process = Task {
            defer { greeted.finish() }
            return try await Process.run(request)
        }
        let agent = KeyAgent(
            socket: AgentSocket(home.path.appending(name), in: home),
            lifeline: lifeline,
            process: process
        )
        // It says where it listens as soon as it does.
        for await _ in greetings { return agent }
        let outcome = try await process.value
        throw OperationError.sshAgent(outcome.errorText)
    }

    private func add(_ key: Path) async throws {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try FileDescriptor.open(key).readAll(limit: Self.limit)
        } catch {
            throw OperationError.sshKey(path: key.string, reason: error.description)
        }
        // By standard input, where the permissions of the file are no reason to refuse it.
        let request = Process.Request(
            "ssh-add",
            ["-q", "-"],
            environment: Self.environment + ["SSH_AUTH_SOCK=\(Self.name)"],
            directory: socket.path.parent,
            input: .bytes(bytes)
        )
        let outcome = try await Process.run(request)
        guard outcome.status.isSuccess else {
            throw OperationError.sshKey(path: key.string, reason: "it is no private key without a passphrase")
        }
    }

    /// Nobody is asked for a passphrase: the program that would ask always fails.
    private static var environment: [String] {
        [
            "PATH=\(Process.variable("PATH") ?? "/usr/bin:/bin")", "LC_ALL=C", "SSH_ASKPASS_REQUIRE=force",
            "SSH_ASKPASS=false",
        ]
    }
}
