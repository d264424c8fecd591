import BuildGraph
import DockerfileParser
import OCI

/// Turns the planned stages of one platform into vertices.
///
/// `state` is the stage that is being lowered; each instruction changes it and adds vertices.
struct Lowering {
    let dockerfile: Dockerfile
    let request: FrontendRequest
    let arguments: BuildArguments
    let scope: GlobalScope
    let expansion: TextExpansion
    /// The platform of the request.
    let platform: Platform
    /// What the ignore file hides of the context; nil where it takes something back or is wrong, and nothing is said of it.
    let ignored: IgnorePatterns?
    /// The images that stages begin with, by stage.
    let images: [Int: ResolvedImage]
    /// The stages whose images are not known.
    let unresolved: Set<Int>
    /// What times are clamped to, or nil.
    var epoch: SourceDateEpoch?

    var dependencies: StageDependencies
    var builder: GraphBuilder
    var lint: LintCollector
    var finished: [Int: StageState] = [:]
    var state: StageState
    /// The stage that is being lowered.
    var current: Int
    /// The text before the instruction in progress: `ONBUILD ` for triggers.
    var trigger = false
    /// What looks at the instructions of the stage that is being lowered.
    private var stageLint = StageLint()
    /// Whether the instruction in progress uses names that an unavailable base image may set.
    private var isGuessing = false
    /// The directory that is built, once an instruction has used it.
    var localContext: VertexInput?
    /// What stages take from whoever builds them.
    var parameters: [Int: StageParameters] = [:]

    init(_ preparation: PlatformPreparation, builder: GraphBuilder) {
        dockerfile = preparation.dockerfile
        request = preparation.request
        arguments = BuildArguments(values: preparation.request.buildArguments)
        scope = preparation.scope
        expansion = preparation.expansion
        platform = preparation.platform
        let patterns = preparation.request.contexts.ignorePatterns
        ignored = patterns.contains { $0.hasPrefix("!") } ? nil : try? IgnorePatterns(patterns)
        images = preparation.images
        unresolved = Set(preparation.unresolved.keys)
        dependencies = preparation.dependencies
        lint = preparation.lint
        current = preparation.dependencies.plan.target
        state = .empty(
            on: preparation.platform,
            root: .scratch,
            steps: StepCounter(prefix: "", isNumbered: false, total: 0)
        )
        self.builder = builder
    }

    /// Lowers all stages that the target needs.
    mutating func lowerAll() throws(FrontendError) -> PlatformResult {
        let plan = dependencies.plan
        // Stages made for images depend on nothing and come first.
        for index in dependencies.reachable.filter({ plan.stages[$0].isImplicit }) { try lower(plan.stages[index]) }
        for index in dependencies.reachable.filter({ !plan.stages[$0].isImplicit }) { try lower(plan.stages[index]) }
        return try result(plan)
    }

    private mutating func lower(_ stage: PlannedStage) throws(FrontendError) {
        current = stage.index
        let triggers = dependencies.triggers[stage.index] ?? []
        try begin(stage, triggers: triggers)
        stageLint = StageLint()
        trigger = true
        for instruction in triggers { try lowerAsKnown(instruction) }
        trigger = false
        for instruction in stage.instructions { try lowerAsKnown(instruction) }
        finished[stage.index] = state
    }

    /// Lowers an instruction; what is wrong with it only because the base image is unavailable is let go.
    private mutating func lowerAsKnown(_ instruction: Instruction) throws(FrontendError) {
        isGuessing = false
        do {
            try lower(instruction)
        } catch {
            guard isGuessing else { throw error }
        }
    }

    private mutating func lower(_ instruction: Instruction) throws(FrontendError) {
        switch instruction {
        case .add(let add): try lower(add)
        case .arg(let arg):
            // A name is judged before the value is looked at.
            check(instruction)
            return try lower(arg)
        case .cmd(let cmd): lower(cmd)
        case .copy(let copy): try lower(copy)
        case .entrypoint(let entrypoint): lower(entrypoint)
        case .env(let env): try lower(env)
        case .expose(let expose): try lower(expose)
        case .healthcheck(let healthcheck): lower(healthcheck)
        case .label(let label): try lower(label)
        case .maintainer(let maintainer): lower(maintainer)
        case .onBuild(let onBuild): state.image.config.onBuild.append(onBuild.trigger)
        case .run(let run): try lower(run)
        case .shell(let shell): lower(shell)
        case .stopSignal(let stopSignal): try lower(stopSignal)
        case .user(let user): try lower(user)
        case .volume(let volume): try lower(volume)
        case .workdir(let workdir): try lower(workdir)
        }
        check(instruction)
    }

    /// Reports what the build checks find in an instruction of a stage that is built.
    private mutating func check(_ instruction: Instruction) {
        let hasShell = !state.image.config.shell.isEmpty
        lint.report(stageLint.findings(in: instruction, hasShell: hasShell))
    }

    private func result(_ plan: StagePlan) throws(FrontendError) -> PlatformResult {
        var image = state.image
        var root = state.root
        if let target = finished[plan.target] { (image, root) = (target.image, target.root) }
        if request.platforms.areExplicit {
            image.platform = platform
        } else {
            image.platform = image.platform.normalized
        }
        for (name, value) in request.labels { image.config.labels[name] = value }
        let declared = dependencies.reachable.filter { !plan.stages[$0].isImplicit }
        let stages = declared.compactMap { index in
            finished[index].map {
                StageSummary(
                    index: index,
                    name: plan.stages[index].name,
                    platform: $0.platform,
                    root: $0.root.vertex
                )
            }
        }
        return PlatformResult(
            platform: platform,
            root: root.vertex,
            config: image,
            stages: stages,
            images: usedImages(plan)
        )
    }

    private func usedImages(_ plan: StagePlan) -> [ImageUse] {
        dependencies.reachable.compactMap { index in
            guard case .image(let locator, _) = plan.stages[index].base, let image = images[index] else { return nil }
            return ImageUse(locator: locator, platform: image.platform, digest: image.digest)
        }
    }
}

extension Lowering {
    /// Adds a vertex on the state's file system and makes it the new one.
    mutating func advance(
        _ operation: Operation,
        inputs: [VertexInput],
        platform: Platform? = nil,
        name: String,
        at origin: Origin
    ) {
        state.root = .vertex(
            builder.add(
                operation,
                inputs: inputs,
                platform: platform,
                metadata: metadata(name, at: origin)
            )
        )
    }

    /// What is told about a step of the current stage.
    func metadata(_ name: String, at origin: Origin) -> VertexMetadata {
        VertexMetadata(
            name: name,
            ignoreCache: request.cacheUse.ignores(stage: dependencies.plan.stages[current].name),
            location: expansion.location(of: origin)
        )
    }

    /// Numbers the next step and returns what progress calls it: `[build 2/5] RUN make`.
    mutating func nextStepName(_ origin: Origin, suffix: String = "", masking: Set<String> = []) -> String {
        state.steps.advance()
        return stepName(origin, suffix: suffix, masking: masking)
    }

    /// What progress calls the step in progress.
    func stepName(
        _ origin: Origin,
        prefix: String = "",
        suffix: String = "",
        masking: Set<String> = []
    ) -> String {
        let text = StepText.display(origin.text + suffix, state.environment, masking: masking)
        // What reached this place is a keyword, of letters.
        let end = text.utf8.firstIndex { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") } ?? text.endIndex
        var command = text[..<end].uppercased()
        command.append(contentsOf: text[end...])
        var steps = state.steps
        steps.prefix = stagePrefix()
        return steps.label((trigger ? "ONBUILD " : "") + prefix + command)
    }

    /// Expands a word with the stage's environment, and reports names that nothing has set or declared.
    mutating func expand(_ text: String, at origin: Origin) throws(FrontendError) -> String {
        let result = try expansion.expand(text, state.environment, at: origin)
        reportUndefined(result.undefined, at: origin)
        return result.text
    }

    /// Reports names that were used though nothing has set or declared them.
    mutating func reportUndefined(_ names: [String], at origin: Origin) {
        guard !names.isEmpty else { return }
        // What a base image sets is not known without it.
        if state.isBaseUnknown {
            isGuessing = true
            return
        }
        let declared = Set(state.arguments.map(\.name)).union(BuildArguments.outsideEnvironment)
        for name in names where !declared.contains(name) {
            let near = Suggestion.nearest(to: name, among: state.environment.names)
            let hint = near.map { " (did you mean $\($0)?)" } ?? ""
            lint.report(.undefinedVar, "Usage of undefined variable '$\(name)'\(hint)", at: origin)
        }
    }

    /// An error about an instruction.
    func failure(_ problem: FrontendProblem, at origin: Origin) -> FrontendError {
        FrontendError(problem, at: [expansion.location(of: origin)])
    }
}
