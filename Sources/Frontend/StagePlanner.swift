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
        var planned: [PlannedStage] = []
        for (index, stage) in dockerfile.stages.enumerated() {
            planned.append(try plan(stage, index: index, earlier: planned))
        }
        return StagePlan(
            stages: planned,
            target: try target(among: planned),
            contexts: request.contexts,
            platform: platform,
            file: expansion.file
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
            checkDefaultBase(stage)
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
        let name = try expandInFrom(stage.baseName, stage)
        guard name.isEmpty else { return name }
        checkDefaultBase(stage)
        throw FrontendError(.blankBaseName(expression: stage.baseName), at: [expansion.location(of: stage.from.origin)])
    }

    private mutating func expandedPlatform(_ stage: Stage) throws(FrontendError) -> Platform? {
        guard let expression = stage.platform else { return nil }
        let location = expansion.location(of: stage.from.origin)
        let text = try expandInFrom(expression, stage)
        if text.isEmpty { throw FrontendError(.blankPlatform(expression: expression), at: [location]) }
        do {
            return try Platform(parsing: text)
        } catch {
            throw FrontendError(.invalidPlatform(text: text, reason: "\(error)"), at: [location])
        }
    }

    private mutating func expandInFrom(_ text: String, _ stage: Stage) throws(FrontendError) -> String {
        let origin = stage.from.origin
        let result = try expansion.expand(text, scope.environment, at: origin)
        for name in result.undefined {
            let hint = Suggestion.nearest(to: name, among: scope.environment.names).map { " (did you mean \($0)?)" }
            lint.report(.undefinedArgInFrom, "FROM argument '\(name)' is not declared\(hint ?? "")", at: origin)
        }
        return result.text
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
