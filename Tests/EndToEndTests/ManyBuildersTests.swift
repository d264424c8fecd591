import Testing

/// Eight builds at once with one cache directory.
///
/// `SWBUILD_MANY_ROUNDS=20` takes more rounds.
@Suite struct ManyBuildersTests {
    private static let rounds = Machine.environment("SWBUILD_MANY_ROUNDS").flatMap { Int($0) } ?? 2

    @Test("no error, each step runs once, nothing is left", arguments: 1...rounds)
    func variants(round: Int) throws {
        let project = try Project(
            """
            FROM \(try BaseImages.busybox.get()) AS make
            COPY file /file
            RUN echo ran-same && cat /proc/sys/kernel/random/uuid >/same
            ARG VARIANT
            RUN echo ran-$VARIANT- && echo $VARIANT >/variant
            RUN --mount=type=cache,target=/kept,sharing=locked echo $VARIANT >>/kept/all
            FROM scratch
            COPY --from=make /same /variant /
            """,
            ["file": "\(round)"]
        )
        // Each variant is built by two of them.
        var builders: [RunningBuilder] = []
        for number in 0..<8 {
            let variant = "v\(number / 2)"
            let arguments = ["--progress=plain", "--build-arg", "VARIANT=\(variant)", "-o", "out\(number)", "."]
            builders.append(RunningBuilder(try project.command(arguments).start()))
        }
        var log = ""
        for builder in builders {
            let outcome = try builder.finish()
            #expect(outcome.succeeded, "\(outcome)")
            log += outcome.errors
        }
        var same: Set<String> = []
        for number in 0..<8 {
            same.insert(try FileTree.text(project.path("out\(number)/same")))
            #expect(try FileTree.text(project.path("out\(number)/variant")) == "v\(number / 2)\n")
        }
        #expect(same.count == 1)
        for text in ["ran-same"] + (0..<4).map({ "ran-v\($0)-" }) {
            #expect(log.split(separator: "\n").count { $0.hasSuffix(" \(text)") } == 1, "\(text): \(log)")
        }
        let cache = "\(project.cache)/swbuild"
        for leftover in ["tmp", "ingest", "trees"] { #expect(try FileTree.listing("\(cache)/\(leftover)").isEmpty) }
        #expect(try FileTree.listing("\(cache)/locks").filter { $0.hasPrefix("step-") } == [])
        #expect(try !FileTree.text("/proc/self/mountinfo").contains(project.cache))
        #expect(try ProcessTable.withArgument(project.cache) == [])
        // What each layer of the cache is for is known: none was made twice.
        let volumes = try FileTree.listing("\(cache)/mounts", conditions: ["-name", "all"])
        #expect(volumes.count == 1)
    }
}

/// A program that a list can hold.
private final class RunningBuilder {
    private var program: RunningProgram?

    init(_ program: consuming RunningProgram) { self.program = consume program }

    func finish() throws -> Outcome {
        guard let program = program.take() else { throw Command.Failure.cannotStart("swbuild", 0) }
        return try program.finish()
    }
}
