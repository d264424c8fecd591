import BuildGraph
import DockerfileParser
import OCI

/// Lowers Dockerfiles: text and request in, vertices and image configurations out.
package struct DockerfileFrontend: Sendable {
    private let resolver: any ImageResolver

    /// A frontend that asks `resolver` about images, and the world about nothing else.
    package init(resolver: any ImageResolver) {
        self.resolver = resolver
    }

    /// Parses and lowers a Dockerfile for every requested platform.
    ///
    /// Throws a ``FrontendError`` for whatever is wrong with the Dockerfile or the request, and `CancellationError`.
    package func lower(_ request: FrontendRequest) async throws -> LoweredBuild {
        // A definition for another frontend need not be a Dockerfile at all.
        try request.checkSyntax()
        return try await lower(try Self.parse(request.dockerfile), request)
    }

    /// Lowers a parsed Dockerfile, as `lower(_:)` does.
    package func lower(_ dockerfile: Dockerfile, _ request: FrontendRequest) async throws -> LoweredBuild {
        let arguments = BuildArguments(values: request.buildArguments)
        try arguments.checkRemoved()
        let isMultiPlatform = try shape(of: request, arguments)
        var lint = LintCollector(options: try Self.checkOptions(dockerfile, request), file: dockerfile.source.name)
        for finding in FileLint.findings(in: dockerfile) {
            lint.report(finding.rule, finding.message, range: finding.range)
        }
        let preparations = try await prepare(dockerfile, request, lint)
        var build = LoweredBuild(
            graph: .empty,
            results: [],
            warnings: [],
            sourceDateEpoch: nil,
            isMultiPlatform: isMultiPlatform
        )
        var builder = GraphBuilder()
        for (index, preparation) in preparations.enumerated() {
            var lowering = Lowering(preparation, builder: builder)
            try lowering.findEpoch()
            build.results.append(try lowering.lowerAll())
            builder = lowering.builder
            guard index == 0 else { continue }
            build.sourceDateEpoch = lowering.epoch
            build.warnings = lowering.lint.findings
            try lowering.lint.failIfAsked()
        }
        build.graph = try builder.build()
        return build
    }

    /// Parses a Dockerfile; errors are the frontend's, with their place.
    package static func parse(_ file: SourceFile) throws(FrontendError) -> Dockerfile {
        do {
            return try Dockerfile(parsing: file)
        } catch {
            let location = error.range.map { SourceLocation(file: file.name, range: $0) }
            throw FrontendError(.syntax(error), at: [location].compactMap(\.self))
        }
    }

    /// Plans the platforms and resolves their images, all at the same time.
    private func prepare(
        _ dockerfile: Dockerfile,
        _ request: FrontendRequest,
        _ lint: LintCollector
    ) async throws -> [PlatformPreparation] {
        let lookup = ImageLookup(resolver: resolver, mode: request.imageResolution)
        var planned: [PlatformPreparation] = []
        for (index, platform) in request.platforms.targets.enumerated() {
            var own = lint
            own.isActive = index == 0
            planned.append(
                try PlatformPreparation(dockerfile, request: request, platform: platform.normalized, lint: own)
            )
        }
        return try await withThrowingTaskGroup(of: (Int, PlatformPreparation).self) { group in
            for (index, preparation) in planned.enumerated() {
                group.addTask {
                    var preparation = preparation
                    try await preparation.resolveImages(lookup)
                    return (index, preparation)
                }
            }
            var resolved = planned
            for try await (index, preparation) in group { resolved[index] = preparation }
            return resolved
        }
    }

    /// Whether the result is an index; throws where the request contradicts itself.
    private func shape(of request: FrontendRequest, _ arguments: BuildArguments) throws(FrontendError) -> Bool {
        let count = request.platforms.targets.count
        if count == 0 { throw FrontendError(.noPlatforms, at: []) }
        let wanted = try arguments.multiPlatform()
        if wanted == false, count > 1 { throw FrontendError(.conflictingMultiPlatform, at: []) }
        return wanted ?? (count > 1)
    }

    private static func checkOptions(
        _ dockerfile: Dockerfile,
        _ request: FrontendRequest
    ) throws(FrontendError) -> CheckOptions {
        let argument = request.buildArguments["BUILDKIT_DOCKERFILE_CHECK"]
        if argument == nil, let options = dockerfile.directives.check { return options }
        do {
            return try CheckOptions(parsing: argument ?? "")
        } catch {
            throw FrontendError(.syntax(error), at: [])
        }
    }
}
