import BuildGraph
import DockerfileParser
import OCI

/// All that is known about one platform's build before vertices are made.
struct PlatformPreparation: Sendable {
    let dockerfile: Dockerfile
    let request: FrontendRequest
    let scope: GlobalScope
    let expansion: TextExpansion
    let platform: Platform
    private(set) var dependencies: StageDependencies
    private(set) var images: [Int: ResolvedImage] = [:]
    /// Why images are unavailable that the request does without.
    private(set) var unresolved: [Int: FrontendError] = [:]
    private(set) var lint: LintCollector

    /// Plans the stages; asks for nothing yet.
    init(
        _ dockerfile: Dockerfile,
        request: FrontendRequest,
        platform: Platform,
        lint: LintCollector
    ) throws(FrontendError) {
        self.dockerfile = dockerfile
        self.request = request
        self.platform = platform
        expansion = TextExpansion(dockerfile)
        scope = try GlobalScope(of: dockerfile, request: request, target: platform, expansion: expansion)
        var planner = StagePlanner(
            dockerfile: dockerfile,
            request: request,
            scope: scope,
            platform: platform,
            expansion: expansion,
            lint: lint
        )
        dependencies = try StageDependencies(plan: try planner.plan(), expansion: expansion)
        self.lint = planner.lint
    }

    /// Resolves the images of needed stages; triggers of an image may make more stages needed.
    mutating func resolveImages(_ lookup: ImageLookup) async throws {
        while true {
            let wanted = missingImages()
            if wanted.isEmpty { return }
            let found = try await resolve(wanted, lookup)
            for (index, outcome) in found.sorted(by: { $0.key < $1.key }) {
                let image: ResolvedImage
                switch outcome {
                case .success(let resolved): image = resolved
                case .failure(let error):
                    unresolved[index] = error
                    continue
                }
                images[index] = image
                guard !dependencies.plan.stages[index].isImplicit else { continue }
                try dependencies.setTriggers(image.config.config.onBuild, of: index)
            }
            try dependencies.findReachable()
        }
    }

    private func missingImages() -> [(index: Int, image: ImageLocator, platform: Platform)] {
        dependencies.reachable.compactMap { index in
            let stage = dependencies.plan.stages[index]
            guard images[index] == nil, unresolved[index] == nil, case .image(let image, _) = stage.base else {
                return nil
            }
            return (index, image, stage.platform ?? platform)
        }
    }

    private func resolve(
        _ wanted: [(index: Int, image: ImageLocator, platform: Platform)],
        _ lookup: ImageLookup
    ) async throws -> [Int: Result<ResolvedImage, FrontendError>] {
        try await withThrowingTaskGroup(of: (Int, Result<ResolvedImage, FrontendError>).self) { group in
            let isBuild = request.purpose == .build
            for (index, image, platform) in wanted {
                let stage = dependencies.plan.stages[index]
                let location = expansion.location(of: stage.origin)
                let near = dependencies.plan.nearStage(to: stage.baseName)
                group.addTask {
                    do {
                        return (index, .success(try await lookup.resolve(image, platform: platform)))
                    } catch {
                        // What a resolver throws when it is stopped says nothing about the image.
                        if error is CancellationError || Task.isCancelled { throw CancellationError() }
                        let failure = FrontendError(.unresolved(image, of: stage, near: near, error), at: [location])
                        guard !isBuild, error is ImageUnavailable else { throw failure }
                        return (index, .failure(failure))
                    }
                }
            }
            var found: [Int: Result<ResolvedImage, FrontendError>] = [:]
            for try await (index, image) in group { found[index] = image }
            return found
        }
    }
}

extension FrontendProblem {
    /// An image that a stage begins with, and what its resolver threw.
    fileprivate static func unresolved(
        _ image: ImageLocator,
        of stage: PlannedStage,
        near: String?,
        _ error: any Error
    ) -> FrontendProblem {
        .unresolvedImage(
            name: stage.baseName,
            reference: image.description,
            reason: "\(error)",
            hint: near.map { "did you mean the stage `\($0)`?" } ?? (error as? any HintedError)?.hint
        )
    }
}

extension ImageLocator: CustomStringConvertible {
    /// The image as messages name it.
    package var description: String {
        switch self {
        case .registry(let reference): reference.description
        case .ociLayout(let path, let tag, let digest):
            "oci-layout://\(path)" + (digest.map { "@\($0)" } ?? ":\(tag ?? "latest")")
        }
    }
}
