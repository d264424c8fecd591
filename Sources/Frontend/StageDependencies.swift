import BuildGraph
import DockerfileParser

/// Which stages need which; grows while the triggers of base images become known.
struct StageDependencies: Sendable {
    private(set) var plan: StagePlan
    /// The triggers that stages fire before their own instructions.
    private(set) var triggers: [Int: [Instruction]] = [:]
    /// Stages that the roots of the plan need, the roots included, in ascending order.
    private(set) var reachable: [Int] = []
    private let expansion: TextExpansion

    init(plan: StagePlan, expansion: TextExpansion) throws(FrontendError) {
        self.plan = plan
        self.expansion = expansion
        for stage in plan.stages[..<plan.declaredCount] {
            if case .stage(let parent) = stage.base {
                triggers[stage.index] = try parse(Self.declaredTriggers(of: plan.stages[parent]), at: stage.origin)
            }
            // Wrong references count even in stages that nobody needs.
            for instruction in stage.instructions {
                _ = try stages(neededBy: instruction, in: stage.index)
            }
        }
        try findReachable()
    }

    /// Sets the triggers that a stage inherits from its base image.
    mutating func setTriggers(_ texts: [String], of index: Int) throws(FrontendError) {
        guard !texts.isEmpty else { return }
        triggers[index] = try parse(texts, at: plan.stages[index].origin)
    }

    /// Finds all stages that the roots of the plan need.
    mutating func findReachable() throws(FrontendError) {
        var found: Set<Int> = []
        var pending = plan.roots
        while let index = pending.popLast() {
            guard found.insert(index).inserted else { continue }
            let stage = plan.stages[index]
            if case .stage(let parent) = stage.base { pending.append(parent) }
            for instruction in (triggers[index] ?? []) + stage.instructions {
                pending += try stages(neededBy: instruction, in: index)
            }
        }
        reachable = found.sorted()
    }

    /// The stage that a `COPY --from` means.
    mutating func source(copiedFrom text: String, in index: Int, at origin: Origin) throws(FrontendError) -> Int {
        try plan.stage(copiedFrom: text, in: index, at: origin)
    }

    /// The stage that a `RUN --mount=from=` means.
    mutating func source(mountedFrom text: String, in index: Int, at origin: Origin) throws(FrontendError) -> Int {
        try plan.stage(mountedFrom: text, in: index, at: origin)
    }

    /// The stages that an instruction copies or mounts from.
    mutating func stages(neededBy instruction: Instruction, in index: Int) throws(FrontendError) -> [Int] {
        switch instruction {
        case .copy(let copy):
            guard let from = copy.from, !from.isEmpty else { return [] }
            if from.contains("$") {
                throw FrontendError(.variableInFrom, at: [expansion.location(of: copy.origin)])
            }
            return [try plan.stage(copiedFrom: from, in: index, at: copy.origin)]
        case .run(let run):
            var needed: [Int] = []
            for mount in run.mounts {
                guard let from = MountOrigin.name(in: mount) else { continue }
                needed.append(try plan.stage(mountedFrom: from, in: index, at: run.origin))
            }
            return needed
        default: return []
        }
    }

    private func parse(_ texts: [String], at origin: Origin) throws(FrontendError) -> [Instruction] {
        var instructions: [Instruction] = []
        for text in texts {
            instructions.append(try expansion.trigger(text, at: origin))
        }
        return instructions
    }

    private static func declaredTriggers(of stage: PlannedStage) -> [String] {
        stage.instructions.compactMap { instruction in
            if case .onBuild(let onBuild) = instruction { onBuild.trigger } else { nil }
        }
    }
}
