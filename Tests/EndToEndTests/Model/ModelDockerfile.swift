import TestRandomness

/// A Dockerfile as a value: stages of instructions, each of which leaves its number in the names of what it makes.
struct ModelDockerfile: Equatable {
    struct Stage: Equatable {
        var name: String
        var base: String
        var instructions: [Instruction]
    }

    struct Instruction: Equatable {
        enum Kind: Equatable {
            case copy(source: String, flags: String)
            case copyFrom(stage: String, path: String)
            case run(String)
            /// A bind mount of the context or of a stage, which the script shows.
            case runWithContext(source: String)
            case workdir
            case arg(String)
            case env(String)
            case label(String)
        }

        var number: Int
        var kind: Kind

        /// What progress shows at the end of the step's name, or within it.
        var mark: String {
            switch kind {
            case .copy, .copyFrom: " /o\(number)/"
            case .run, .runWithContext: ": s\(number);"
            case .workdir: "/w\(number)"
            case .arg, .env, .label: ""
            }
        }

        var text: String {
            switch kind {
            case .copy(let source, let flags): "COPY \(flags)\(source) /o\(number)/"
            case .copyFrom(let stage, let path): "COPY --from=\(stage) \(path) /o\(number)/"
            case .run(let script): "RUN : s\(number); \(script)"
            case .runWithContext(let source):
                "RUN --mount=type=bind,source=\(source),target=/m : s\(number); ls -R /m >/r\(number); cat /m/*.txt >>/r\(number) 2>&1; true"
            case .workdir: "WORKDIR /w\(number)"
            case .arg(let name): "ARG \(name)=0"
            case .env(let pair): "ENV \(pair)"
            case .label(let text): "LABEL text=\(text)"
            }
        }
    }

    var stages: [Stage] = []
    var comment = ""
    private var next = 0

    static let arguments = ["A", "B"]

    /// A Dockerfile of some stages.
    init(_ random: inout Randomness) {
        for index in 0..<Int.random(in: 1...3, using: &random) {
            let base = index > 0 && random.oneIn(3) ? "t\(index - 1)" : "base"
            stages.append(Stage(name: "t\(index)", base: base, instructions: []))
            for _ in 0..<Int.random(in: 2...5, using: &random) { add(to: index, &random) }
        }
    }

    /// The file's text.
    var text: String {
        var lines = comment.isEmpty ? [] : ["# \(comment)"]
        for stage in stages {
            lines.append("FROM \(stage.base) AS \(stage.name)")
            lines += stage.instructions.map(\.text)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Changes one thing.
    mutating func edit(_ random: inout Randomness) {
        let stage = Int.random(in: stages.indices, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: comment = "note \(Int.random(in: 0..<100, using: &random))"
        case 1, 2: add(to: stage, &random)
        case 3:
            guard let index = stages[stage].instructions.indices.randomElement(using: &random) else { return }
            stages[stage].instructions.remove(at: index)
        case 4:
            guard let index = stages[stage].instructions.indices.randomElement(using: &random) else { return }
            stages[stage].instructions[index].kind = kind(in: stage, &random)
        default:
            stages[stage].base = stage > 0 && random.oneIn(2) ? "t\(stage - 1)" : "base"
        }
    }

    private mutating func add(to stage: Int, _ random: inout Randomness) {
        let place = Int.random(in: 0...stages[stage].instructions.count, using: &random)
        next += 1
        stages[stage].instructions.insert(Instruction(number: next, kind: kind(in: stage, &random)), at: place)
    }

    private func kind(in stage: Int, _ random: inout Randomness) -> Instruction.Kind {
        switch Int.random(in: 0..<12, using: &random) {
        case 0...2:
            let flags = ["", "", "", "--chmod=600 ", "--chown=7:8 ", "--chown=app ", "--link ", "--exclude=*.log "]
            return .copy(source: random.one(of: ModelContext.sources), flags: random.one(of: flags))
        case 3 where stage > 0:
            let paths = ["/etc/passwd", "/etc", "/etc/*", "/home"]
            return .copyFrom(stage: "t\(Int.random(in: 0..<stage, using: &random))", path: random.one(of: paths))
        case 4: return .runWithContext(source: random.one(of: ["a.txt", "d", "f", "."]))
        case 5: return .workdir
        case 6: return .arg(random.one(of: Self.arguments))
        case 7: return .env(random.one(of: ["A=5", "C=1", "C=2"]))
        case 8: return .label(random.one(of: ["x", "y"]))
        default: return .run(script(&random))
        }
    }

    /// Scripts whose result often stays the same though something below them changes.
    private func script(_ random: inout Randomness) -> String {
        let number = Int.random(in: 0..<3, using: &random)
        return random.one(of: [
            "cat /o*/*.txt 2>/dev/null | head -c 1 >/home/first",
            "ls -d /o* 2>/dev/null | wc -l >/home/count",
            "rm -rf /home/app; mkdir -p /home/app; echo \(number) >/home/app/x",
            "rm -rf /home/app",
            "echo one >/home/one; ln -f /home/one /home/two",
            "echo one >/home/one; rm -f /home/two; cp /home/one /home/two",
            "echo \"$A\" >/home/a",
            "echo \"${B:-none}\" | head -c \(number) >/home/b",
            "chmod 70\(number) /home; chown \(number):3 /home",
            "echo x >/home/time; touch -d @\(number + 1000) /home/time",
            "ln -sfn /o\(number) /home/link",
            "find / -xdev -name 'r*' -maxdepth 1 | sort >/etc/made",
            "rm -rf /o*; echo gone >/home/gone",
            "cp -r /o* /home/ 2>/dev/null; true",
        ])
    }
}
