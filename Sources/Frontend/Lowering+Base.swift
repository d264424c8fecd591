import BuildGraph
import DockerfileParser
import OCI

extension Lowering {
    /// Sets the state to what a stage begins with.
    mutating func begin(_ stage: PlannedStage, triggers: [Instruction]) throws(FrontendError) {
        let ownPlatform = stage.platform ?? platform
        let steps = counter(for: stage, triggers: triggers)
        switch stage.base {
        case .scratch: state = .empty(on: ownPlatform, root: .scratch, steps: steps)
        case .stage(let parent):
            guard let end = finished[parent] else {
                throw failure(.circularDependency(stage: stage.title), at: stage.origin)
            }
            state = StageState(continuing: end, steps: steps)
        case .image(let locator, let context):
            if unresolved.contains(stage.index) {
                state = .empty(on: ownPlatform, root: .scratch, steps: steps)
                state.isBaseUnknown = true
                return
            }
            guard let image = images[stage.index] else {
                throw failure(.circularDependency(stage: stage.title), at: stage.origin)
            }
            begin(stage, with: image, at: locator, context: context, steps: steps)
        case .context(let name, let context):
            let root = add(context, named: name)
            state = .empty(on: ownPlatform, root: root, steps: steps)
        }
    }

    private mutating func begin(
        _ stage: PlannedStage,
        with image: ResolvedImage,
        at locator: ImageLocator,
        context: String?,
        steps: StepCounter
    ) {
        let expected = stage.platform ?? platform
        let actual = image.config.platform.normalized
        let adopted = adoptedPlatform(actual, expected: expected, isStated: stage.platform != nil)
        state = StageState(image: image.config, root: .scratch, platform: adopted, steps: steps)
        if !stage.isImplicit { checkPlatform(actual, against: adopted, stage) }
        // An image without layers is an empty tree with a configuration.
        if image.config.diffIDs.isEmpty, image.config.history.allSatisfy(\.emptyLayer) { return }
        let operation: SourceOperation
        let shown: String
        switch locator {
        case .registry(let reference):
            operation = .image(reference: reference, manifest: image.manifest, platform: adopted)
            shown = "\(context == nil ? reference.withDigest(image.digest) : reference)"
        case .ociLayout(let path, _, _):
            operation = .ociLayout(path: path, manifest: image.manifest, platform: adopted)
            shown = "docker.io/library/\(context ?? PathText.base(path))@\(image.digest)"
        }
        let name: String
        if let context {
            name = "[context \(context)] \(shown)"
        } else {
            state.steps.advance()
            var labelled = state.steps
            labelled.prefix = stagePrefix()
            name = labelled.label("FROM \(shown)")
        }
        state.root = .vertex(
            builder.add(
                .source(operation),
                metadata: VertexMetadata(name: name, location: expansion.location(of: stage.origin))
            )
        )
    }

    /// Without a platform from the user, an image may bring one that the build machine can run.
    private func adoptedPlatform(_ actual: Platform, expected: Platform, isStated: Bool) -> Platform {
        guard !isStated, !request.platforms.areExplicit, !actual.architecture.isEmpty else { return expected }
        if expected.matches(actual) { return expected }
        let runnable = [request.platforms.build] + request.platforms.emulated
        return runnable.contains { $0.matches(actual) } ? actual : expected
    }

    private mutating func checkPlatform(_ actual: Platform, against expected: Platform, _ stage: PlannedStage) {
        guard !actual.os.isEmpty, !actual.architecture.isEmpty else { return }
        guard actual.os != expected.os || actual.architecture != expected.architecture else { return }
        lint.report(
            .invalidBaseImagePlatform,
            "Base image \(stage.baseName) was pulled with platform \"\(actual)\", "
                + "expected \"\(expected.normalized)\" for current build",
            at: stage.origin
        )
    }

    private func counter(for stage: PlannedStage, triggers: [Instruction]) -> StepCounter {
        var total = triggers.count
        if case .image(_, nil) = stage.base { total += 1 }
        for instruction in stage.instructions {
            switch instruction {
            case .run, .copy, .add, .workdir: total += 1
            default: break
            }
        }
        return StepCounter(prefix: "", isNumbered: !stage.isImplicit && total > 0, total: total)
    }

    /// What stands before the number of a step: the platforms where there are several, and the stage's name where
    /// there are several stages.
    func stagePrefix() -> String {
        let plan = dependencies.plan
        var parts: [String] = []
        if request.platforms.targets.count > 1 {
            parts.append("\(state.platform.normalized)" + crossSuffix())
        }
        if plan.declaredCount > 1 { parts.append(plan.stages[current].title) }
        return parts.joined(separator: " ")
    }

    /// `->arm64` in a stage that runs on another platform than the one that its `TARGET…` arguments name.
    private func crossSuffix() -> String {
        guard let architecture = state.environment["TARGETARCH"], !architecture.isEmpty else { return "" }
        let base = state.platform.normalized
        let variant = state.environment["TARGETVARIANT"].flatMap { $0.isEmpty ? nil : $0 }
        let system = state.environment["TARGETOS"] ?? base.os
        let processor = architecture + (variant.map { "/\($0)" } ?? "")
        if system != base.os { return "->\(system)/\(processor)" }
        if architecture != base.architecture { return "->\(processor)" }
        guard let variant, variant != base.variant else { return "" }
        return "->\(variant)"
    }
}
