import Testing

/// One test's project directory, home and cache, and swbuild run on them.
final class Project: Sendable {
    let scratch = Scratch()
    let place: Place
    private let user: OrdinaryUser?

    /// Makes a project with a Dockerfile (none where it is nil) and other text files.
    convenience init(
        _ dockerfile: String?,
        _ files: [String: String] = [:],
        as account: Account = .caller
    ) throws {
        try self.init(dockerfile, files, in: account.place)
    }

    /// The same, in a place of which swbuild shall not notice more than it must; the test is skipped where the place
    /// cannot be made.
    init(_ dockerfile: String?, _ files: [String: String] = [:], in place: Place) throws {
        try place.require()
        self.place = place
        user = try place.user()
        for directory in ["project", "home", "cache", "tmp"] { try scratch.directory(directory) }
        if let dockerfile { try write("Dockerfile", dockerfile) }
        for (name, text) in files { try write(name, text) }
        try place.prepareCache(at: cache, in: scratch)
        try handOver()
    }

    deinit { place.releaseCache(at: cache) }

    /// The project directory, which is the working directory of every command.
    var directory: String { scratch.path("project") }

    /// The cache directory, which starts empty.
    var cache: String { scratch.path("cache") }

    /// A path below the project directory.
    func path(_ name: String) -> String { "\(directory)/\(name)" }

    /// Writes a text file of the project.
    func write(_ name: String, _ text: String, permissions: UInt32 = 0o644) throws {
        try scratch.write("project/\(name)", text, permissions: permissions)
    }

    /// Runs a script in the project directory, as the caller.
    func shell(_ script: String) throws { try Command.shell(script, in: directory) }

    /// Gives everything to the user that runs swbuild.
    func handOver() throws {
        guard let user else { return }
        try Command.check("chown", ["-R", "\(user.uid):\(user.gid)", scratch.root])
    }

    /// The command `swbuild <arguments>` in the project directory.
    func command(_ arguments: [String], environment: [String: String] = [:]) -> Command {
        var command = Command(Machine.swbuild, arguments)
        command.directory = directory
        command.user = user
        command.environment["HOME"] = scratch.path("home")
        command.environment["XDG_CACHE_HOME"] = cache
        command.environment["TMPDIR"] = scratch.path("tmp")
        command.environment.merge(environment) { _, new in new }
        return place.moved(command, scratch)
    }

    /// Runs swbuild to its end.
    func run(_ arguments: String..., environment: [String: String] = [:]) throws -> Outcome {
        try command(arguments, environment: environment).run()
    }

    /// Runs `swbuild <arguments> .` with plain progress; the test fails where the build does.
    @discardableResult
    func build(
        _ arguments: String...,
        environment: [String: String] = [:],
        at location: SourceLocation = #_sourceLocation
    ) throws -> Outcome {
        try build(arguments: arguments, environment: environment, at: location)
    }

    /// The same with arguments that were put together.
    @discardableResult
    func build(
        arguments: [String],
        environment: [String: String] = [:],
        at location: SourceLocation = #_sourceLocation
    ) throws -> Outcome {
        let outcome = try command(["--progress=plain"] + arguments + ["."], environment: environment).run()
        try #require(outcome.succeeded, "\(outcome)", sourceLocation: location)
        return outcome
    }

    /// Runs `swbuild <arguments> .`, which must fail with status 1 and write nothing to standard output.
    func fail(
        _ arguments: String...,
        environment: [String: String] = [:],
        at location: SourceLocation = #_sourceLocation
    ) throws -> Outcome {
        let outcome = try command(["--progress=plain"] + arguments + ["."], environment: environment).run()
        #expect(outcome.status == .exited(1), "\(outcome)", sourceLocation: location)
        #expect(outcome.output.isEmpty, "\(outcome)", sourceLocation: location)
        return outcome
    }
}
