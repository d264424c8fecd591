import DockerfileParser
import OCI
import Synchronization
import Testing

@testable import Frontend

@Suite
struct ImageLookupTests {
    /// Counts questions, and answers each only when as many as expected have been asked.
    private final class CountingResolver: ImageResolver {
        private let state = Mutex<(asked: [String], waiting: [CheckedContinuation<Void, Never>])>(([], []))
        private let together: Int

        init(together: Int) {
            self.together = together
        }

        var asked: [String] { state.withLock { $0.asked.sorted() } }

        func resolve(_ image: ImageLocator, platform: Platform, mode: ImageResolveMode) async throws -> ResolvedImage {
            await withCheckedContinuation { continuation in
                let ready = state.withLock { state in
                    state.asked.append("\(image) \(platform)")
                    state.waiting.append(continuation)
                    defer { if state.asked.count >= together { state.waiting = [] } }
                    return state.asked.count >= together ? state.waiting : []
                }
                for waiting in ready { waiting.resume() }
            }
            return ResolvedImage(
                digest: .sha256(of: "\(image)"),
                manifest: .sha256(of: "\(image)"),
                config: ImageConfig(platform: platform),
                platform: platform
            )
        }
    }

    @Test
    func `images are resolved at the same time, each once for a platform`() async throws {
        let text = """
            FROM alpine AS a
            FROM busybox AS b
            FROM unused
            FROM alpine
            COPY --from=a /x /x
            COPY --from=b /x /x
            COPY --from=debian /x /x
            """
        let resolver = CountingResolver(together: 6)
        var request = FrontendRequest(dockerfile: SourceFile(text: text))
        request.platforms.targets = [
            Platform(os: "linux", architecture: "amd64"), Platform(os: "linux", architecture: "arm64"),
        ]
        _ = try await DockerfileFrontend(resolver: resolver).lower(request)
        let names = ["alpine", "busybox", "debian"].map { "docker.io/library/\($0):latest" }
        #expect(resolver.asked == names.flatMap { ["\($0) linux/amd64", "\($0) linux/arm64"] })
    }

    @Test
    func `cancelling a build cancels what it asks`() async throws {
        struct Sleeping: ImageResolver {
            func resolve(
                _ image: ImageLocator,
                platform: Platform,
                mode: ImageResolveMode
            ) async throws -> ResolvedImage {
                try await Task.sleep(for: .seconds(3600))
                throw CancellationError()
            }
        }
        let request = FrontendRequest(dockerfile: SourceFile(text: "FROM alpine\n"))
        let build = Task { try await DockerfileFrontend(resolver: Sleeping()).lower(request) }
        build.cancel()
        await #expect(throws: CancellationError.self) { try await build.value }
    }
}
