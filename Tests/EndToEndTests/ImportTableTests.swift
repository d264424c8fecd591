import FoundationEssentials
import Testing

/// The architecture as a test: a target imports only what the design's table puts below it.
@Suite struct ImportTableTests {
    /// The design's table: a target may depend on targets of lower levels alone.
    static let levels: [[String]] = [
        ["CLinux", "CSandbox", "CArchive", "CDeflate", "CSeccomp", "CSQLite", "CZlib", "CZstd"],
        ["OCI", "LinuxSystem"],
        ["Archive", "Sandbox", "DockerfileParser", "BuildProgress"],
        ["BuildGraph", "Storage"],
        ["Frontend", "BuildSolver", "Registry"],
        ["Operations", "Exporters"],
        ["Commands"],
        ["swbuild"],
    ]

    /// The targets that alone may import each C target, and each library that is not the standard library.
    static let owners: [String: Set<String>] = [
        "CLinux": ["LinuxSystem"], "CSandbox": ["Sandbox"], "CArchive": ["Archive"], "CDeflate": ["Archive"],
        "CSeccomp": ["Sandbox"], "CSQLite": ["Storage"], "CZlib": ["Archive"], "CZstd": ["Archive"],
        "Crypto": ["OCI"], "ArgumentParser": ["Commands", "swbuild"],
    ]

    private func level(_ target: String) -> Int? { Self.levels.firstIndex { $0.contains(target) } }

    /// The package as `swift package dump-package` describes it.
    private struct Manifest: Decodable {
        struct Target: Decodable {
            struct Dependency: Decodable {
                let byName: [String?]?
            }
            let name: String
            let type: String
            /// Where the sources are, if not in the usual place.
            let path: String?
            let dependencies: [Dependency]
            var isForTests: Bool { type == "test" || path?.hasPrefix("Tests/") == true }
            var names: [String] { dependencies.compactMap { $0.byName?.first ?? nil } }
        }
        let targets: [Target]
    }

    /// The modules that the sources of a target import, each once.
    private func imports(of target: String) throws -> Set<String> {
        let pattern =
            "^(@[A-Za-z_]+ +)*((public|package|internal|private) +)?import +((struct|class|enum|func|let|var) +)?"
        let text = try Command.shell(
            "grep -rhoE \"$1[A-Za-z_]+\" --include='*.swift' \"$2\" | awk '{ print $NF }' | sort -u || true",
            [pattern, "\(Machine.checkout)/Sources/\(target)"]
        )
        return Set(text.split(separator: "\n").map(String.init))
    }

    @Test("every target of the package has its place in the table")
    func everyTargetHasALevel() throws {
        let directories = try FileTree.listing(
            "\(Machine.checkout)/Sources",
            conditions: ["-maxdepth", "1", "-type", "d"]
        )
        #expect(Set(directories) == Set(Self.levels.flatMap(\.self)))
    }

    @Test("sources import only what stands below them", arguments: levels.flatMap(\.self))
    func sources(target: String) throws {
        let own = try #require(level(target))
        for module in try imports(of: target) {
            if let other = level(module) { #expect(other < own, "\(target) imports \(module)") }
            if let allowed = Self.owners[module] { #expect(allowed.contains(target), "\(target) imports \(module)") }
        }
    }

    @Test("the whole Foundation is imported by nobody", arguments: levels.flatMap(\.self))
    func noFoundation(target: String) throws {
        let modules = try imports(of: target)
        #expect(modules.isDisjoint(with: ["Foundation", "FoundationNetworking", "Dispatch"]))
    }

    @Test("the package declares only dependencies on lower levels")
    func declared() throws {
        // A build directory of its own: `swift test` holds the lock of the usual one.
        let scratch = Scratch()
        var command = Command("swift", ["package", "--scratch-path", scratch.path("build"), "dump-package"])
        command.directory = Machine.checkout
        command.environment["PATH"] = Machine.environment("PATH")
        command.environment["HOME"] = Machine.environment("HOME")
        let outcome = try command.run()
        try #require(outcome.succeeded, "\(outcome)")
        let manifest = try JSONDecoder().decode(Manifest.self, from: Data(outcome.output))
        let tested = Set(manifest.targets.filter(\.isForTests).map(\.name))
        for target in manifest.targets where !target.isForTests {
            let own = try #require(level(target.name), "\(target.name) has no level")
            #expect(tested.isDisjoint(with: target.names), "\(target.name) depends on what is for tests")
            for name in target.names {
                if let other = level(name) { #expect(other < own, "\(target.name) depends on \(name)") }
            }
        }
    }
}
