import OCI
import Testing

@testable import Commands

/// From the command line to a request.
@Suite struct BuildRequestTests {
    private func request(_ arguments: String..., environment: [String: String] = [:]) throws -> BuildRequest {
        let command = try BuildCommand.parse(try ArgumentNormalizer.normalize(arguments))
        return try command.request(environment: environment)
    }

    @Test func nothingButTheDirectory() throws {
        let request = try request()
        #expect(request.context == .directory("."))
        #expect(request.dockerfile == .inContext)
        #expect(request.outputs.isEmpty && request.tags.isEmpty && request.definition.platforms.isEmpty)
        #expect(request.report.progress == .auto && !request.report.isQuiet && !request.writesToStandardOutput)
    }

    @Test func namesGetTheirFullForm() throws {
        let request = try request("-t", "app", "-t", "host:5000/a/b:2", ".")
        #expect(request.tags.map(\.description) == ["docker.io/library/app:latest", "host:5000/a/b:2"])
    }

    @Test func argumentsWithoutValuesComeFromTheEnvironment() throws {
        let request = try request(
            "--build-arg",
            "A=1",
            "--build-arg=B",
            "--build-arg",
            "GONE",
            "--build-arg",
            "E=",
            environment: ["B": "two", "SOURCE_DATE_EPOCH": "5"]
        )
        #expect(request.definition.buildArguments == ["A": "1", "B": "two", "E": "", "SOURCE_DATE_EPOCH": "5"])
    }

    @Test func platformsAreListsAndAreTakenOnce() throws {
        let request = try request("--platform=linux/amd64,linux/arm64", "--platform", "linux/amd64")
        #expect(request.definition.platforms.map(\.description) == ["linux/amd64", "linux/arm64"])
    }

    @Test func standardOutputAndQuietness() throws {
        #expect(try request("-o", "-", ".").writesToStandardOutput)
        #expect(try request("-q", "-o", "out", ".").report.isQuiet)
        #expect(try request(environment: ["BUILDKIT_PROGRESS": "plain"]).report.progress == .plain)
        #expect(try request("--progress=tty", environment: ["BUILDKIT_PROGRESS": "plain"]).report.progress == .tty)
    }

    @Test func theDockerfileFromStandardInput() throws {
        #expect(try request("-f", "-", ".").dockerfile == .standardInput)
        #expect(try request("-").dockerfile == .standardInput)
        #expect(throws: OptionError.standardInputForBoth) { try request("-f", "-", "-") }
        #expect(try request("-f", "x", "-").dockerfile == .path("x"))
        #expect(try request("-f", "https://host/Dockerfile", ".").dockerfile == .url("https://host/Dockerfile"))
    }

    @Test(arguments: [["-o", "out"], ["-o", "type=tar,dest=x.tar"], ["-o", "type=cacheonly", "-o", "out"]])
    func anImageIDNeedsAnImage(outputs: [String]) throws {
        let command = try BuildCommand.parse(["--iidfile", "id"] + outputs)
        let error = #expect(throws: OptionError.self) { try command.request(environment: [:]) }
        #expect(error?.description == "local and tar exporters are incompatible with image ID file")
    }

    @Test(
        arguments: [
            (["--progress", "x"], "invalid value `x` for `--progress`: the modes are auto, plain"),
            (["--label", "=x"], "invalid value `=x` for `--label`: expected key=value"),
            (["-t", "UPPER"], "failed to parse UPPER"), (["--push"], "tag is needed when pushing to registry"),
            (["--platform", "a/b/c/d"], "invalid value `a/b/c/d` for `--platform`"),
            (["--build-context", "x"], "invalid value `x` for `--build-context`: expected key=value"),
            (["--load"], "`--load` is not supported"),
            (["--ssh", "default"], "invalid empty ssh agent socket: make sure SSH_AUTH_SOCK is set"),
            (["--sbom=true"], "`--sbom=true` is not supported: attestations are not made yet"),
        ]
    )
    func whatIsWrongIsSaid(arguments: [String], message: String) throws {
        let command = try BuildCommand.parse(arguments)
        let error = #expect(throws: OptionError.self) { try command.request(environment: [:]) }
        #expect(error?.description.hasPrefix(message) == true, "\(String(describing: error))")
    }

    @Test func whatSaysNoIsAccepted() throws {
        let request = try request("--provenance=false", "--sbom=false", "--no-cache=false", "--pull")
        #expect(!request.cache.ignoresAll)
    }
}
