import BuildGraph
import DockerfileParser
import OCI

/// Resolves the names of a Dockerfile's stages for one target platform; spec/01 §1.8.
struct StagePlanner: Sendable {
    let dockerfile: Dockerfile
    let request: FrontendRequest
    let scope: GlobalScope
    let platform: Platform
    let expansion: TextExpansion
    private(set) var lint: LintCollector

    /// Plans every stage, reachable or not, and finds the target.
    mutating func plan() throws(FrontendError) -> StagePlan {
        for stage in dockerfile.stages { checkDefaultBase(stage) }
        var planned: [PlannedStage] = []
        for (index, stage) in dockerfile.stages.enumerated() {
            planned.append(try plan(stage, index: index, earlier: planned))
        }
        return StagePlan(
            stages: planned,
            target: try target(among: planned),
            contexts: request.contexts,
            platform: platform,
            file: expansion.file,
            needsAll: request.needsAllStages
        )
    }

    private mutating func plan(
        _ stage: Stage,
        index: Int,
        earlier: [PlannedStage]
    ) throws(FrontendError) -> PlannedStage {
        let baseName = try expandedBaseName(stage)
        let platform = try expandedPlatform(stage)
        var instructions = stage.instructions
        var base: StageBase
        if let name = stage.name, name != "context",
            let (key, context) = request.contexts.override(of: name, platform: platform ?? self.platform)
        {
            // A context with the stage's own name takes the place of the whole stage.
            base = StagePlan.base(of: context, named: key)
            instructions = []
        } else if let parent = earlier.last(where: { $0.name == baseName }) {
            base = .stage(parent.index)
        } else {
            base = try StagePlan.base(
                named: baseName,
                contexts: request.contexts,
                platform: platform ?? self.platform,
                at: expansion.location(of: stage.from.origin)
            )
        }
        return PlannedStage(
            index: index,
            name: stage.name,
            base: base,
            baseName: baseName,
            platform: platform,
            instructions: instructions,
            origin: stage.from.origin,
            isImplicit: false
        )
    }

    private mutating func expandedBaseName(_ stage: Stage) throws(FrontendError) -> String {
        let name = try expandInFrom(stage.baseName, stage).text
        guard name.isEmpty else { return name }
        throw FrontendError(.blankBaseName(expression: stage.baseName), at: [expansion.location(of: stage.from.origin)])
    }

    private mutating func expandedPlatform(_ stage: Stage) throws(FrontendError) -> Platform? {
        guard let expression = stage.platform else { return nil }
        let location = expansion.location(of: stage.from.origin)
        let expanded = try expandInFrom(expression, stage)
        let text = expanded.text
        checkPlatform(expanded, stage)
        if text.isEmpty { throw FrontendError(.blankPlatform(expression: expression), at: [location]) }
        do {
            return try Platform(parsing: text)
        } catch {
            throw FrontendError(.invalidPlatform(text: text, reason: "\(error)"), at: [location])
        }
    }

    private mutating func expandInFrom(_ text: String, _ stage: Stage) throws(FrontendError) -> Expansion {
        let origin = stage.from.origin
        let result = try expansion.words(text, scope.environment, at: origin)
        let names = scope.names
        for name in result.undefinedNames where !names.contains(name) {
            let hint = Suggestion.nearest(to: name, among: names).map { " (did you mean \($0)?)" }
            lint.report(.undefinedArgInFrom, "FROM argument '\(name)' is not declared\(hint ?? "")", at: origin)
        }
        return result
    }

    /// Reports a `--platform` that says what holds anyway, or that is the same on every machine.
    private mutating func checkPlatform(_ expanded: Expansion, _ stage: Stage) {
        let (origin, text) = (stage.from.origin, expanded.text)
        guard expanded.undefinedNames.isEmpty else { return }
        if expanded.definedNames == ["TARGETPLATFORM"], text == scope.environment["TARGETPLATFORM"] {
            let written = stage.platform ?? ""
            lint.report(
                .redundantTargetPlatform,
                "Setting platform to predefined \(written) in FROM is redundant as this is the default behavior",
                at: origin
            )
        }
        guard expanded.definedNames.isEmpty, let platform = try? Platform(parsing: text) else { return }
        // A stage named after its platform is meant to be for that platform.
        let name = stage.name ?? ""
        if name.contains(platform.os) || name.contains(platform.architecture) { return }
        lint.report(
            .fromPlatformFlagConstDisallowed,
            "FROM --platform flag should not use constant value \(text.goQuoted)",
            at: origin
        )
    }

    /// Reports a base name that is no image's when only default values of arguments are used.
    private mutating func checkDefaultBase(_ stage: Stage) {
        let origin = stage.from.origin
        let text = (try? expansion.expand(stage.baseName, scope.defaults, at: origin).text) ?? ""
        guard (try? ImageReference(parsing: text)) == nil else { return }
        lint.report(
            .invalidDefaultArgInFrom,
            "Default value for ARG \(stage.baseName) results in empty or invalid base image name",
            at: origin
        )
    }

    private func target(among stages: [PlannedStage]) throws(FrontendError) -> Int {
        guard let wanted = request.target, !wanted.isEmpty else { return stages.count - 1 }
        if let match = stages.last(where: { $0.name == wanted.lowercased() }) { return match.index }
        let suggestion = Suggestion.nearest(to: wanted.lowercased(), among: stages.compactMap(\.name))
        throw FrontendError(.unknownTarget(name: wanted, suggestion: suggestion), at: [])
    }
}
