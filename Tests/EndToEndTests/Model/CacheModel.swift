import TestRandomness

/// A project that changes from build to build, and what its cache may be asked for.
struct CacheModel {
    /// Everything that a build depends on.
    struct State: Equatable {
        var context = ModelContext()
        var dockerfile: ModelDockerfile
        var arguments: [String: String] = [:]
        var base = 0
        /// Changes nothing.
        var proxy = 0
    }

    private(set) var state: State
    private var earlier: [State] = []
    private var random: Randomness
    /// The model keys of all steps that were built, by target platform and scope alone.
    private var built: Set<String> = []

    init(seed: Int) {
        random = Randomness(seed: seed)
        state = State(dockerfile: ModelDockerfile(&random))
    }

    /// Changes one or more things, or goes back to an earlier state.
    mutating func edit() {
        earlier.append(state)
        if random.oneIn(8) {
            state = random.one(of: earlier)
            return
        }
        repeat {
            switch Int.random(in: 0..<10, using: &random) {
            case 0...4: state.context.edit(&random)
            case 5...7: state.dockerfile.edit(&random)
            case 8: state.arguments[random.one(of: ModelDockerfile.arguments)] = random.one(of: ["0", "1", "x y"])
            default: if random.oneIn(2) { state.base = 1 - state.base } else { state.proxy += 1 }
            }
        } while random.oneIn(3)
    }

    /// A step of the present state, and what its result can depend on.
    struct Step {
        let mark: String
        let key: String
    }

    /// The steps of all stages; those of stages that the last one does not need are among them.
    var steps: [Step] {
        var steps: [Step] = []
        var keys: [String: String] = ["base": "base \(state.base)"]
        var environments: [String: String] = [:]
        var declared: [String: String] = [:]
        for stage in state.dockerfile.stages {
            var key = keys[stage.base] ?? ""
            var environment = environments[stage.base] ?? ""
            var arguments = declared[stage.base] ?? ""
            for instruction in stage.instructions {
                switch instruction.kind {
                case .arg(let name): arguments += "\(name)=\(state.arguments[name] ?? "0");"
                case .env(let pair): environment += "\(pair);"
                case .label: break
                default:
                    key += "\n" + instruction.text + dependencies(of: instruction, keys, environment + arguments)
                    steps.append(Step(mark: instruction.mark, key: key))
                }
            }
            keys[stage.name] = key
            environments[stage.name] = environment
            declared[stage.name] = arguments
        }
        return steps
    }

    private func dependencies(
        of instruction: ModelDockerfile.Instruction,
        _ keys: [String: String],
        _ environment: String
    ) -> String {
        switch instruction.kind {
        case .copy(let source, _): "{\(state.context.content(of: source))}"
        case .copyFrom(let stage, _): "{\(keys[stage] ?? "")}"
        case .runWithContext(let source): "{\(state.context.content(of: source))}[\(environment)]"
        case .run: "[\(environment)]"
        default: ""
        }
    }

    /// Says which steps ran though nothing of what they depend on had changed, and remembers the steps.
    mutating func check(_ progress: PlainProgress) -> [String] {
        var wrong: [String] = []
        for step in steps {
            let end = progress.steps.first { $0.name.hasSuffix(step.mark) || $0.name.contains(step.mark + " ") }?.end
            guard let end, end == .done || end == .cached else { continue }
            if built.contains(step.key) {
                if end == .done { wrong.append(step.mark) }
            } else if end == .cached {
                cutOff += 1
            }
            built.insert(step.key)
        }
        return wrong
    }

    /// How often a step was found though something below it had changed.
    private(set) var cutOff = 0
}
