import BuildGraph
import DockerfileParser
import OCI

/// Lowers Dockerfiles: text and request in, vertices and image configurations out.
package struct DockerfileFrontend: Sendable {
    let resolver: any ImageResolver
    private let onFinding: @Sendable (LintFinding) -> Void

    /// A frontend that asks `resolver` about images, and the world about nothing else.
    ///
    /// `onFinding` is told of each finding of the build checks as it is made, also where a failure follows.
    package init(resolver: any ImageResolver, onFinding: @escaping @Sendable (LintFinding) -> Void = { _ in }) {
        self.resolver = resolver
        self.onFinding = onFinding
    }

    /// Parses and lowers a Dockerfile for every requested platform.
    ///
    /// Throws a ``FrontendError`` for whatever is wrong with the Dockerfile or the request, and `CancellationError`.
    package func lower(_ request: FrontendRequest) async throws -> LoweredBuild {
        try await lower(try read(request), request)
    }

    /// Parses a Dockerfile and makes the checks that need no more than its text.
    package func read(_ request: FrontendRequest) throws(FrontendError) -> ReadDefinition {
        // A definition for another frontend need not be a Dockerfile at all.
        try request.checkSyntax()
        let file = request.dockerfile
        let parsed: (dockerfile: Dockerfile, error: ParseError?)
        do {
            parsed = try Dockerfile.parsePrefix(of: file)
        } catch {
            throw FrontendError(error, in: file)
        }
        let options = try Self.checkOptions(parsed.dockerfile, request)
        var lint = LintCollector(options: options, file: file.name, tell: onFinding)
        lint.report(FileLint.instructionFindings(in: parsed.dockerfile))
        if let error = parsed.error { throw FrontendError(error, in: file) }
        lint.report(FileLint.comparisonFindings(in: parsed.dockerfile))
        return ReadDefinition(dockerfile: parsed.dockerfile, lint: lint)
    }

    /// Parses a Dockerfile; errors are the frontend's, with their place.
    package static func parse(_ file: SourceFile) throws(FrontendError) -> Dockerfile {
        do {
            return try Dockerfile(parsing: file)
        } catch {
            throw FrontendError(error, in: file)
        }
    }

    /// Lowers what was read, as `lower(_:)` does.
    package func lower(_ definition: ReadDefinition, _ request: FrontendRequest) async throws -> LoweredBuild {
        let arguments = BuildArguments(values: request.buildArguments)
        try arguments.checkRemoved()
        let isMultiPlatform = try shape(of: request, arguments)
        let preparations = try await prepare(definition, request)
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

    /// Plans the platforms and resolves their images, all at the same time.
    func prepare(_ definition: ReadDefinition, _ request: FrontendRequest) async throws -> [PlatformPreparation] {
        let lookup = ImageLookup(resolver: resolver, mode: request.imageResolution)
        var planned: [PlatformPreparation] = []
        for (index, platform) in request.platforms.targets.enumerated() {
            var lint = definition.lint
            lint.isActive = index == 0
            planned.append(
                try PlatformPreparation(
                    definition.dockerfile,
                    request: request,
                    platform: platform.normalized,
                    lint: lint
                )
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

/// A Dockerfile that was parsed, and what the checks found in its text.
package struct ReadDefinition: Sendable {
    /// The syntax tree.
    package let dockerfile: Dockerfile
    let lint: LintCollector

    /// The same, of which lowering tells no findings.
    package var silent: ReadDefinition { ReadDefinition(dockerfile: dockerfile, lint: lint.silent) }
}

extension FrontendError {
    /// A parser's error, at its place in `file`.
    init(_ error: ParseError, in file: SourceFile) {
        self.init(.syntax(error), at: error.range.map { [SourceLocation(file: file.name, range: $0)] } ?? [])
    }
}
