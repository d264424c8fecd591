import Glibc

/// A Docker engine of the tests, Debian's `docker.io`: its defaults, but no network of its own.
final class DockerEngine: Sendable {
    /// The engine that all tests share; started at first use, ended with the tests.
    static let shared = Result { try DockerEngine() }

    /// An image of busybox, and nothing else.
    private static let image = "swbuild-test-busybox:1"

    private let address: String
    private let service: Janitor.Service

    private init() throws {
        var template = Array("\(Machine.environment("TMPDIR") ?? "/var/tmp")/swbuild-docker-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Command.Failure.cannotStart("mkdtemp", errno) }
        let root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // The engine removes its own mounts first, all but that of the network's namespace, and its number last.
        Janitor.afterTheTests(
            "while kill -0 \"$(cat \"$1/pid\" 2>/dev/null)\" 2>/dev/null; do sleep 0.1; done; "
                + "umount -l \"$1\"/run/netns/* 2>/dev/null; rm -rf --one-file-system \"$1\"",
            [root]
        )
        address = "unix://\(root)/socket"
        service = try Janitor.Service(
            [
                "dockerd", "--iptables=false", "--bridge=none", "--data-root", "\(root)/data", "--exec-root",
                "\(root)/run", "--pidfile", "\(root)/pid", "-H", address,
            ],
            ready: "API listen on"
        )
        let scratch = Scratch()
        try withExtendedLifetime(scratch) {
            let tar = try BaseImages.busyboxTar(scratch)
            try Command.check("docker", ["-H", address, "import", tar, Self.image])
        }
    }

    /// The command in a container of its own, with the defaults of `docker run`, on the machine's network.
    ///
    /// Of the machine it sees the project's directories and swbuild. With `keepsCache` the cache directory is one of
    /// them, otherwise it is in the container and goes with it. The command's user is the container's.
    func contained(_ command: Command, _ scratch: Scratch, keepsCache: Bool) -> Command {
        var environment = command.environment
        if !keepsCache {
            environment["XDG_CACHE_HOME"] = nil
            environment["HOME"] = "/root"
        }
        var arguments = ["-H", address, "run", "--rm", "--network=host", "--volume", "\(scratch.root):\(scratch.root)"]
        if let directory = command.directory { arguments += ["--workdir", directory] }
        if let user = command.user { arguments += ["--user", "\(user.uid):\(user.gid)"] }
        for mount in Self.programMounts { arguments += ["--volume", "\(mount):ro"] }
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) { arguments += ["--env", "\(name)=\(value)"] }
        var contained = Command("docker", arguments + [Self.image, Self.program] + command.arguments)
        contained.input = command.input
        contained.deadline = command.deadline
        return contained
    }

    private static let program = "/usr/local/bin/swbuild"

    /// The static program, or the one under test with its libraries where that is newer.
    private static let programMounts: [String] = {
        if let release = Machine.releaseBinary, isNewer(release, than: Machine.original) {
            return ["\(release):\(program)"]
        }
        let libraries = (try? Command.check("ldd", [Machine.swbuild])) ?? ""
        let paths = libraries.split(whereSeparator: \.isWhitespace).filter { $0.hasPrefix("/") }
        let directories = Set(paths.map { $0.split(separator: "/").dropLast().joined(separator: "/") })
        return ["\(Machine.swbuild):\(program)"] + directories.sorted().map { "/\($0):/\($0)" }
    }()

    private static func isNewer(_ file: String, than other: String) -> Bool {
        (try? Command("sh", ["-c", "[ ! \"$1\" -ot \"$2\" ]", "sh", file, other]).run().succeeded) ?? false
    }
}
