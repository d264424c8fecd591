import BuildGraph
import DockerfileParser

// Questions about a Dockerfile that build nothing; spec/01 §1.14.
extension DockerfileFrontend {
    /// What the build checks find in a Dockerfile, as far as it can be evaluated.
    ///
    /// The first platform of the request counts, and all stages where it has no target. Throws only
    /// `CancellationError`.
    package func check(_ request: FrontendRequest) async throws -> CheckReport {
        var report = CheckReport(source: request.dockerfile)
        let found = FindingLog()
        let frontend = DockerfileFrontend(resolver: resolver, onFinding: { found.append($0) })
        do {
            let definition = try frontend.read(request)
            let lowering = try await frontend.evaluate(definition, request.answering(.check)) { report.unresolved = $0 }
            try lowering.lint.failIfAsked()
        } catch let error as FrontendError {
            // That findings are errors is no matter of one place.
            if case .lintViolations = error.problem {
                report.error = FrontendError(error.problem, at: [])
            } else {
                report.error = error
            }
        }
        report.findings = found.all
        return report
    }

    /// What the target of a request takes from whoever builds it.
    ///
    /// Throws a ``FrontendError`` for whatever is wrong with the Dockerfile or the request, and `CancellationError`.
    package func outline(_ request: FrontendRequest) async throws -> Outline {
        let lowering = try await evaluate(try read(request), request.answering(.outline)) { _ in }
        var collector = OutlineCollector(lowering, source: request.dockerfile)
        return try collector.collect()
    }

    /// Lowers the stages of the first platform; `unresolved` is told which base images are not known.
    private func evaluate(
        _ definition: ReadDefinition,
        _ request: FrontendRequest,
        unresolved: ([FrontendError]) -> Void
    ) async throws -> Lowering {
        let preparations = try await prepare(definition, request)
        guard let preparation = preparations.first else { throw FrontendError(.noPlatforms, at: []) }
        unresolved(preparation.unresolved.sorted { $0.key < $1.key }.map(\.value))
        var lowering = Lowering(preparation, builder: GraphBuilder())
        _ = try lowering.lowerAll()
        return lowering
    }
}

extension FrontendRequest {
    /// The request with its first platform only, and with everything allowed, since nothing will run.
    fileprivate func answering(_ purpose: RequestPurpose) -> FrontendRequest {
        var copy = self
        copy.purpose = purpose
        copy.platforms.targets = Array(platforms.targets.prefix(1))
        copy.steps.entitlements = [.hostNetwork, .insecure, .device]
        return copy
    }
}
