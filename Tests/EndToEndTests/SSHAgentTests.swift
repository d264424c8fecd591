import Glibc
import Testing

/// `RUN --mount=type=ssh` and `--ssh`, with OpenSSH's own agent, programs and server.
@Suite(.enabled(if: Machine.has("ssh-agent") && Machine.has("ssh-keygen"), "OpenSSH is not installed"))
struct SSHAgentTests {
    /// A key of its own, and an agent that holds it.
    private final class Agent: Sendable {
        let scratch = Scratch()
        private let service: Janitor.Service

        var socket: String { scratch.path("agent") }
        var key: String { scratch.path("key") }

        init() throws {
            try Command.shell("ssh-keygen -q -t ed25519 -N '' -C held -f key", in: scratch.root)
            service = try Janitor.Service(["ssh-agent", "-D", "-a", scratch.path("agent")], ready: "SSH_AUTH_SOCK")
            try Command.shell("SSH_AUTH_SOCK=$1 ssh-add -q key", [socket], in: scratch.root)
        }

        /// What `ssh-add -l` shows of the key.
        func fingerprint() throws -> String {
            String(try Command.check("ssh-keygen", ["-lf", key]).split(separator: " ")[1])
        }
    }

    /// OpenSSH's programs with the libraries that they need, as a directory to copy into an image.
    private static let programs = Result {
        try Command.shell(
            """
            mkdir -p "$1/ssh/bin" && cd "$1/ssh"
            for program in ssh-add ssh-keygen; do
                program=$(command -v "$program") && cp "$program" bin/
                for file in $(ldd "$program" | grep -o '/[^ ]*'); do mkdir -p ".${file%/*}" && cp -n "$file" ".$file"; done
            done
            chmod -R a+rX .
            """,
            [Scratch.shared.root]
        )
        return Scratch.shared.path("ssh")
    }

    private static func dockerfile(_ steps: String) throws -> String {
        """
        FROM \(try BaseImages.busybox.get()) AS make
        COPY --from=ssh . /
        \(steps)
        FROM scratch
        COPY --from=make /out /
        """
    }

    private static func context() throws -> String { "--build-context=ssh=\(try programs.get())" }

    @Test("a step lists keys and signs, but changes nothing", arguments: Account.available)
    func forwards(account: Account) throws {
        let agent = try Agent()
        let project = try Project(
            try Self.dockerfile(
                """
                COPY other other.pub held.pub text /
                RUN --mount=type=ssh,required set -x; mkdir out; echo "$SSH_AUTH_SOCK" > out/place; \\
                    stat -c '%a %u:%g' "$SSH_AUTH_SOCK" > out/status; ssh-add -l > out/keys; \\
                    chmod 600 /other; ssh-add -q /other && echo added > out/wrong; \\
                    ssh-add -D && echo removed > out/wrong; ssh-add -x </dev/null && echo locked > out/wrong; \\
                    ssh-keygen -q -Y sign -f /held.pub -n test /text && cp /text.sig out/
                """
            ),
            ["text": "what is signed\n"],
            as: account
        )
        try project.shell("ssh-keygen -q -t ed25519 -N '' -f other; cp '\(agent.key).pub' held.pub")
        try project.handOver()
        // The agent answers root and its own user; an ordinary user has one of its own.
        let socket = account == .caller ? "default=\(agent.socket)" : "default=\(project.path("key"))"
        if account != .caller {
            try project.shell("cp '\(agent.key)' key")
            try project.handOver()
        }
        try project.build(try Self.context(), "--ssh", socket, "-o", "out")
        let out = project.path("out")
        #expect(try FileTree.text("\(out)/place") == "/run/buildkit/ssh_agent.0\n")
        #expect(try FileTree.text("\(out)/status") == "600 0:0\n")
        #expect(try FileTree.text("\(out)/keys").contains(agent.fingerprint()))
        #expect(!FileTree.exists("\(out)/wrong"))
        #expect(try Command.shell("SSH_AUTH_SOCK=$1 ssh-add -l", [agent.socket]).split(separator: "\n").count == 1)
        let verified = try Command.shell(
            """
            echo "me $(cat held.pub)" > allowed
            ssh-keygen -q -Y verify -f allowed -I me -n test -s out/text.sig < text && echo good
            """,
            in: project.directory
        )
        #expect(verified.contains("good"))
    }

    @Test("keys given as files need no agent, whatever their kind and permissions")
    func keys() throws {
        let project = try Project(
            try Self.dockerfile(
                """
                RUN --mount=type=ssh,id=keys,target=/agent,mode=0666,uid=12,gid=34 mkdir out && ssh-add -l > out/keys && \\
                    stat -c '%a %u:%g' /agent > out/status && echo "$SSH_AUTH_SOCK" > out/place
                """
            )
        )
        try project.shell(
            """
            ssh-keygen -q -t ed25519 -N '' -C one -f a; ssh-keygen -q -t rsa -b 2048 -N '' -C two -f b
            ssh-keygen -q -t ecdsa -m PEM -N '' -C three -f c; chmod 644 a b c
            """
        )
        try project.build(try Self.context(), "--ssh", "keys=a,b,\(project.path("c"))", "-o", "out")
        #expect(try FileTree.text(project.path("out/keys")).split(separator: "\n").count == 3)
        #expect(try FileTree.text(project.path("out/status")) == "666 12:34\n")
        #expect(try FileTree.text(project.path("out/place")) == "/agent\n")
        // The agent ended with the build.
        let places = "for id in $(pgrep -x ssh-agent); do readlink /proc/$id/cwd || true; done"
        #expect(try !Command.shell(places).contains(project.cache))
    }

    @Test("a step leaves no trace of the socket, and which agent it was does not count for the cache")
    func traces() throws {
        let agent = try Agent()
        let project = try Project(
            """
            FROM \(try BaseImages.busybox.get())
            RUN --mount=type=ssh true
            """
        )
        try project.build("--ssh", "default=\(agent.socket)", "-o", "type=oci,dest=out.tar")
        let layout = try LayoutView(archive: project.path("out.tar"))
        let last = try layout.manifest(".layers | length")
        #expect(try layout.entries(layer: (Int(last.prefix { $0.isNumber }) ?? 0) - 1).isEmpty)
        let other = try Agent()
        let again = try project.build("--ssh", "default=\(other.socket)", "-o", "type=cacheonly")
        #expect(again.errors.contains("RUN --mount=type=ssh true\n"))
        #expect(again.errorLines.contains { $0.hasSuffix(" CACHED") }, "\(again)")
        #expect(try Command.shell("find \"$1\" -type s", [project.cache]) == "")
    }

    @Test("an agent for keys ends also with a build that is killed")
    func killed() throws {
        let project = try Project(
            "FROM \(try BaseImages.busybox.get())\nRUN --mount=type=ssh,required echo waiting now; sleep 86350\n"
        )
        try project.shell("ssh-keygen -q -t ed25519 -N '' -f key")
        var program = try project.command(["--progress=plain", "--ssh", "default=key", "."]).start()
        try program.wait(for: " waiting now")
        let agent = try Command.shell(
            "for id in $(pgrep -x ssh-agent); do case $(readlink /proc/$id/cwd) in \"$1\"/*) echo $id;; esac; done",
            [project.cache]
        )
        let id = try #require(Int32(agent.prefix { $0 != "\n" }))
        program.signal(SIGKILL)
        _ = try program.finish()
        try Command.check("tail", ["--pid=\(id)", "-f", "/dev/null"])
        #expect(try ProcessTable.withArgument("86350").isEmpty)
    }

    @Test("without an agent the mount is left out, and an error where it is required")
    func missing() throws {
        let image = try BaseImages.busybox.get()
        let optional = try Project(
            "FROM \(image)\nRUN --mount=type=ssh test ! -e \"$SSH_AUTH_SOCK\" && test -n \"$SSH_AUTH_SOCK\"\n"
        )
        try optional.build("-o", "type=cacheonly")
        let required = try Project("FROM \(image)\nRUN --mount=type=ssh,required,id=git true\n")
        let outcome = try required.fail("-o", "type=cacheonly")
        #expect(outcome.errors.contains("unset ssh forward key git"), "\(outcome)")
        #expect(outcome.errors.contains("hint: give an agent or a key with `--ssh git=PATH`"), "\(outcome)")
        #expect(outcome.errors.contains("2 | >>> RUN --mount=type=ssh,required"), "\(outcome)")
        let unset = try required.fail("--ssh", "default", "-o", "type=cacheonly")
        #expect(unset.errors.contains("make sure SSH_AUTH_SOCK is set"), "\(unset)")
    }

    @Test("a key with a passphrase, and a file that is no key, are refused without a question")
    func badKeys() throws {
        let project = try Project(
            "FROM \(try BaseImages.busybox.get())\nRUN --mount=type=ssh true\n",
            ["text": "no key\n"]
        )
        try project.shell("ssh-keygen -q -t ed25519 -N secret -f locked")
        for name in ["text", "locked"] {
            let outcome = try project.fail("--ssh", "default=\(name)", "-o", "type=cacheonly")
            #expect(outcome.errors.contains("it is no private key without a passphrase"), "\(outcome)")
            #expect(outcome.errors.contains(project.path(name)), "\(outcome)")
        }
    }

    @Test(
        "a repository over ssh is fetched with the build's keys, from a host that is known",
        .enabled(if: Machine.isRoot && Machine.has("sshd"), "needs root and OpenSSH's server")
    )
    func gitOverSSH() throws {
        let scratch = Scratch()
        let port = try FreePort.find()
        try Command.shell(
            """
            ssh-keygen -q -t ed25519 -N '' -f host && ssh-keygen -q -t ed25519 -N '' -f key && mkdir -p /run/sshd
            printf '%s\\n' "HostKey $PWD/host" "AuthorizedKeysFile $PWD/key.pub" 'StrictModes no' 'UsePAM no' \
                'PasswordAuthentication no' "PidFile none" > config
            git -c init.defaultBranch=main init -q work && cd work && printf 'FROM scratch\\nCOPY f /\\n' > Dockerfile
            echo one > f && git add . && git -c user.name=t -c user.email=t@example.org commit -qm one
            git clone -q --bare . ../app.git
            """,
            in: scratch.root
        )
        let server = try Janitor.Service(
            [
                "/usr/sbin/sshd", "-D", "-e", "-f", scratch.path("config"), "-p", "\(port)", "-o",
                "ListenAddress=127.0.0.1",
            ],
            ready: "Server listening"
        )
        let url = "ssh://root@127.0.0.1:\(port)\(scratch.path("app.git"))"
        let project = try Project("FROM scratch\nADD \(url) /\n")
        let unknown = try project.fail("--ssh", "default=\(scratch.path("key"))", "-o", "out")
        #expect(unknown.errors.contains("Host key verification failed"), "\(unknown)")
        let host = try FileTree.text(scratch.path("host.pub"))
        try project.scratch.write("home/.ssh/known_hosts", "[127.0.0.1]:\(port) \(host)")
        try project.build("--ssh", "default=\(scratch.path("key"))", "-o", "out")
        #expect(try FileTree.text(project.path("out/f")) == "one\n")
        let context = try project.run("--ssh", "default=\(scratch.path("key"))", "-o", "context", url)
        try #require(context.succeeded, "\(context)")
        #expect(try FileTree.text(project.path("context/f")) == "one\n")
        #expect(try project.fail("--no-cache", "-o", "no").errors.contains("Permission denied"))
        server.stop()
    }
}
