import BuildGraph
import DockerfileParser
import FoundationEssentials
import OCI
import TestRandomness
import Testing

@testable import Frontend

/// Dockerfiles put together at random from the instructions of all cases, the same ones in every run: 4 × 250 of them.
///
/// For a longer search, `FUZZ_ROUNDS=20000 swift test --filter LoweringFuzzTests` takes 4 × 20,000; `FUZZ_SEED=7` begins
/// another sequence.
@Suite
struct LoweringFuzzTests {
    /// Knows every image, and gives some of them triggers.
    private struct EveryImage: ImageResolver {
        func resolve(_ image: ImageLocator, platform: Platform, mode: ImageResolveMode) -> ResolvedImage {
            var config = ImageConfig(platform: platform)
            config.diffIDs = [.sha256(of: image.description)]
            if image.description.contains("base") {
                config.config.onBuild = ["COPY --from=tools /t /t", "RUN echo $PATH", "ENV A=${B:-c}"]
            }
            return ResolvedImage(
                digest: .sha256(of: image.description),
                manifest: .sha256(of: "\(image) \(platform)"),
                config: config,
                platform: platform
            )
        }
    }

    /// The lines of each `FROM` and of each other instruction of the cases.
    private static let parts: (froms: [String], others: [String]) = {
        var froms: [String] = []
        var others: [String] = []
        for text in (LoweringCase.all + LoweringCase.projects).compactMap(\.dockerfile) {
            let source = SourceFile(text: text)
            guard let file = try? Dockerfile(parsing: source), file.escape == .backslash else { continue }
            let lines = { (range: SourceRange) in
                source.lines[(range.startLine - 1)..<range.endLine].joined(separator: "\n")
            }
            for stage in file.stages {
                froms.append(lines(stage.range))
                others += stage.instructions.map { lines($0.range) }
            }
        }
        return (froms, others)
    }()

    private static func setting(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
    }

    private static func dockerfile(_ random: inout Randomness) -> String {
        var lines: [String] = []
        for _ in 0..<Int.random(in: 0...2, using: &random) {
            lines.append(["ARG V=1", "ARG P=linux/arm64", "ARG BASE=base"].randomElement(using: &random) ?? "")
        }
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            lines.append(parts.froms.randomElement(using: &random) ?? "FROM scratch")
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                lines.append(parts.others.randomElement(using: &random) ?? "RUN true")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// What comes of a Dockerfile: the graph and the configurations, or the error.
    private static func outcome(of request: FrontendRequest) async throws -> String {
        do {
            let build = try await DockerfileFrontend(resolver: EveryImage()).lower(request)
            #expect(build.results.count == request.platforms.targets.count)
            let configurations = build.results.map { String(decoding: $0.config.encoded(), as: UTF8.self) }
            return build.graph.dump() + configurations.joined(separator: "\n")
        } catch let error as FrontendError {
            #expect(!error.description.isEmpty)
            return "\(error) \(error.locations)"
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `whatever the instructions, lowering ends, and the same way each time`(_ seed: UInt64) async throws {
        var random = Randomness(seed: seed &* 1_000_003 &+ UInt64(Self.setting("FUZZ_SEED") ?? 0))
        var successes = 0
        let rounds = Self.setting("FUZZ_ROUNDS") ?? 250
        for _ in 0..<rounds {
            var request = FrontendRequest(dockerfile: SourceFile(text: Self.dockerfile(&random)))
            request.steps.entitlements = [.hostNetwork, .insecure, .device]
            request.platforms.build = Platform(os: "linux", architecture: "amd64")
            request.platforms.targets = [request.platforms.build]
            if Bool.random(using: &random) {
                request.platforms.targets.append(Platform(os: "linux", architecture: "arm64"))
            }
            let first = try await Self.outcome(of: request)
            #expect(try await Self.outcome(of: request) == first)
            if first.hasPrefix("v0") { successes += 1 }
        }
        // Otherwise the instructions say little about lowering.
        #expect(successes > rounds / 10)
    }
}
