import DockerfileParser

/// Gathers the parameters of a target's stages: its own, its base's, and those of the stages that it copies from.
struct OutlineCollector {
    let lowering: Lowering
    private var outline: Outline
    private var visited: Set<Int> = []
    private var names: Set<String> = []

    /// A collector over lowered stages.
    init(_ lowering: Lowering, source: SourceFile) {
        self.lowering = lowering
        outline = Outline(source: source)
    }

    /// The outline of the target.
    mutating func collect() throws(FrontendError) -> Outline {
        let plan = lowering.dependencies.plan
        let target = plan.stages[plan.target]
        outline.name = target.name
        outline.description = target.name.flatMap { target.origin.description(of: $0) }
        try visit(plan.target)
        outline.arguments.sort { $0.range.startLine < $1.range.startLine }
        outline.secrets.sort { $0.range.startLine < $1.range.startLine }
        outline.agents.sort { $0.range.startLine < $1.range.startLine }
        outline.caches.sort { $0.range.startLine < $1.range.startLine }
        return outline
    }

    private mutating func visit(_ index: Int) throws(FrontendError) {
        guard visited.insert(index).inserted else { return }
        let parameters = lowering.parameters[index] ?? StageParameters()
        try addArguments(of: index, parameters)
        for mounted in parameters.mounted { add(mounted) }
        var dependencies = lowering.dependencies
        let stage = dependencies.plan.stages[index]
        if case .stage(let parent) = stage.base { try visit(parent) }
        for instruction in (dependencies.triggers[index] ?? []) + stage.instructions {
            for needed in try dependencies.stages(neededBy: instruction, in: index) { try visit(needed) }
        }
    }

    /// Adds what the stage declares itself, and the global arguments that it or its `FROM` uses.
    private mutating func addArguments(of index: Int, _ parameters: StageParameters) throws(FrontendError) {
        let own = parameters.arguments.filter { !$0.isInherited }
        for argument in own { add(argument) }
        let global = Dictionary(lowering.scope.arguments.map { ($0.name, $0) }) { $1 }
        var pending = try namesInFrom(index) + parameters.arguments.filter(\.isInherited).map(\.name)
        while let name = pending.popLast() {
            guard let argument = global[name], !names.contains(name) else { continue }
            add(argument)
            pending += argument.uses
        }
    }

    private func namesInFrom(_ index: Int) throws(FrontendError) -> [String] {
        guard lowering.dockerfile.stages.indices.contains(index) else { return [] }
        let stage = lowering.dockerfile.stages[index]
        var found: [String] = []
        for text in [stage.baseName, stage.platform].compactMap(\.self) {
            found += try lowering.expansion.words(text, lowering.scope.environment, at: stage.from.origin).definedNames
        }
        return found
    }

    private mutating func add(_ argument: DeclaredArgument) {
        guard names.insert(argument.name).inserted else { return }
        outline.arguments.append(
            Outline.Argument(
                name: argument.name,
                description: argument.description,
                value: argument.value,
                range: argument.range
            )
        )
    }

    private mutating func add(_ mounted: StageParameters.Mounted) {
        let forwarded = Outline.Forwarded(name: mounted.name, isRequired: mounted.isRequired, range: mounted.range)
        switch mounted.kind {
        case .secret where !outline.secrets.contains { $0.name == mounted.name }: outline.secrets.append(forwarded)
        case .agent where !outline.agents.contains { $0.name == mounted.name }: outline.agents.append(forwarded)
        case .cache where !outline.caches.contains { $0.id == mounted.name }:
            outline.caches.append(Outline.Cache(id: mounted.name, range: mounted.range))
        default: return
        }
    }
}
