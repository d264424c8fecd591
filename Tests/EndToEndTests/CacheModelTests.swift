import Testing

/// Random Dockerfiles and random edits: a build with the cache gives what one without it gives, and nothing runs that
/// could not have changed.
///
/// `SWBUILD_MODEL_SEEDS=100-199` takes other seeds, `SWBUILD_MODEL_EDITS=30` more edits of each.
@Suite struct CacheModelTests {
    private static let seeds: ClosedRange<Int> = {
        let bounds = (Machine.environment("SWBUILD_MODEL_SEEDS") ?? "").split(separator: "-").compactMap { Int($0) }
        return bounds.count == 2 && bounds[0] <= bounds[1] ? bounds[0]...bounds[1] : 1...3
    }()

    private static let edits = Machine.environment("SWBUILD_MODEL_EDITS").flatMap { Int($0) } ?? 9

    /// Two images that differ in one file.
    private static let bases = Result {
        let scratch = Scratch()
        let tar = try BaseImages.busyboxTar(scratch)
        var roots: [String] = []
        for number in 0...1 {
            let root = Scratch.shared.path("model-base\(number)")
            let layout = try ImageLayout(root)
            try scratch.write("mark/home/mark", "\(number)")
            let mark = scratch.path("mark\(number).tar")
            try Command.check("tar", ["-C", scratch.path("mark"), "--owner=0", "--group=0", "-cf", mark, "home/mark"])
            try layout.writeImage(
                [try layout.addLayer(tar), try layout.addLayer(mark)],
                config: #"{"Env":["PATH=/bin"]}"#
            )
            roots.append(root)
        }
        return roots
    }

    @Test("any edit gives the result of an empty cache, and runs no more than it must", arguments: seeds)
    func edits(seed: Int) throws {
        let project = try Project(nil)
        var model = CacheModel(seed: seed)
        var context: ModelContext?
        var failed = 0
        for edit in 0...Self.edits {
            if edit > 0 { model.edit() }
            try Command.shell(model.state.context.script(since: context), [project.directory])
            context = model.state.context
            let place: Comment = "seed \(seed), edit \(edit)\n\(model.state.dockerfile.text)\(model.state.context)"
            let warm = try build(project, model.state, cache: project.cache, out: "warm.tar")
            let cold = try build(project, model.state, cache: project.scratch.path("empty"), out: "cold.tar")
            try Command.check("rm", ["-rf", project.scratch.path("empty")])
            try #require(warm.status == cold.status, "\(place)\n\(warm)\n\(cold)")
            let wrong = model.check(PlainProgress(warm))
            #expect(wrong == [], "\(place)\n\(warm)")
            guard warm.succeeded else {
                failed += 1
                continue
            }
            try #require(try listing(project, "warm.tar") == listing(project, "cold.tar"), "\(place)\n\(warm)")
        }
        if Machine.environment("SWBUILD_MODEL_SEEDS") == nil {
            #expect(failed <= Self.edits / 2)
        } else {
            print("seed \(seed): \(Self.edits + 1) builds, \(failed) failed, \(model.cutOff) steps cut off")
        }
    }

    private func build(_ project: Project, _ state: CacheModel.State, cache: String, out: String) throws -> Outcome {
        try project.scratch.write("Dockerfile", state.dockerfile.text)
        var arguments = ["--progress=plain", "-f", project.scratch.path("Dockerfile")]
        for (name, value) in state.arguments.sorted(by: { $0.key < $1.key }) {
            arguments += ["--build-arg", "\(name)=\(value)"]
        }
        arguments += ["--build-arg", "HTTPS_PROXY=http://127.0.0.1:\(state.proxy + 1)"]
        arguments += ["--build-context", "base=oci-layout://\(try Self.bases.get()[state.base]):1"]
        arguments += ["-o", "type=tar,dest=\(project.scratch.path(out))", "."]
        return try project.command(arguments, environment: ["XDG_CACHE_HOME": cache]).run()
    }

    /// Every entry with mode, owner, size, links, target and digest; the time where a step set it.
    private func listing(_ project: Project, _ tar: String) throws -> String {
        try Command.shell(
            """
            rm -rf "$1/tree" && mkdir "$1/tree" && cd "$1/tree" && tar --same-owner -xpf "../$2"
            find . -mindepth 1 -printf '%p %y %m %U:%G %l' \\( -type d -o -printf ' %s %n' \\) -printf '\\n' | sort
            find . -type f -exec sha256sum {} + | sort -k2
            find . -name time -printf '%p %T@\\n' | sort
            """,
            [project.scratch.root, tar]
        )
    }
}
