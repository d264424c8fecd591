import Testing

@testable import Commands

@Suite("Flags as docker writes them")
struct ArgumentNormalizerTests {
    @Test(
        "boolean values of flags become the flag, or nothing",
        arguments: [
            (["--no-cache=true", "."], ["--no-cache", "."]),
            (["--no-cache=0", "."], ["."]),
            (["--push=maybe"], ["--push=maybe"]),
            (["--target=true"], ["--target=true"]),
            (["--", "--no-cache=true"], ["--", "--no-cache=true"]),
        ]
    )
    func normalizes(arguments: [String], expected: [String]) throws {
        let normalized = try ArgumentNormalizer.normalize(arguments)
        #expect(normalized == expected)
    }

    @Test(
        "options of docker without effect are left out",
        arguments: [
            (["--rm", "--force-rm=true", "--compress=false", "."], ["."]),
            (["--memory", "1g", "-m", "1g", "-m1g", "-m=1g", "--memory=1g", "-c", "2", "."], ["."]),
            (["--builder=x", "--builder=", "--security-opt", "seccomp=unconfined", "."], ["."]),
            (["--memory-swap", "--rm", "."], ["."]),
            (["--", "--rm", "-m"], ["--", "--rm", "-m"]),
            (["-f", "-", "--memory-like=1", "-q", "."], ["-f", "-", "--memory-like=1", "-q", "."]),
        ]
    )
    func leavesOut(arguments: [String], expected: [String]) throws {
        let normalized = try ArgumentNormalizer.normalize(arguments)
        #expect(normalized == expected)
    }

    @Test
    func `an option that is left out still needs its value`() {
        #expect(throws: OptionError.missingValue(option: "--memory")) {
            _ = try ArgumentNormalizer.normalize([".", "--memory"])
        }
    }

    @Test
    func `the names of subcommands that are no build are known`() {
        let names = Swbuild.configuration.subcommands.compactMap { $0.configuration.commandName }
        #expect(Set(names + ["help"]) == Set(Program.otherCommands + ["build"]))
    }
}
