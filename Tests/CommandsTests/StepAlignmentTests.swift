import OCI
import Storage
import Testing

@testable import Commands

/// Which step of the build before is meant, however the Dockerfile was edited.
struct StepAlignmentTests {
    /// A build of steps written as `stage: instruction`.
    private func build(_ lines: [String]) -> BuildRecord {
        var record = BuildRecord(
            id: "x",
            name: "x",
            status: .completed,
            startedAt: .now,
            nanoseconds: 0,
            definition: BuildRecordDefinition(directory: "/", context: "/", dockerfile: "Dockerfile")
        )
        record.steps = lines.enumerated().map { index, line in
            let parts = line.split(separator: ": ", maxSplits: 1)
            var step = StepRecord(vertex: "\(index)", name: "[\(parts[0]) \(index)/9] \(parts[1])", outcome: .ran)
            step.line = index + 1
            step.text = parts[1].hasPrefix("FROM") ? nil : String(parts[1])
            return step
        }
        return record
    }

    @Test(
        arguments: [
            // Nothing changed.
            (["a: FROM x", "a: RUN 1"], ["a: FROM x", "a: RUN 1"], ["=0", "=1"]),
            // A line more, a line less, a line changed.
            (["a: RUN 0", "a: RUN 1"], ["a: RUN 1"], ["", "=0"]),
            (["a: RUN 2"], ["a: RUN 1", "a: RUN 2"], ["=1"]),
            (["a: RUN 1", "a: RUN x", "a: RUN 3"], ["a: RUN 1", "a: RUN 2", "a: RUN 3"], ["=0", "~1", "=2"]),
            // Of another kind: not what the step was.
            (["a: COPY x", "a: RUN 1"], ["a: RUN 0", "a: RUN 1"], ["", "=1"]),
            // The same instruction twice stays in order.
            (["a: RUN 1", "a: RUN 1"], ["a: RUN 1", "a: RUN 1"], ["=0", "=1"]),
            // Another digest of the same image; a stage with another name.
            (["a: FROM x@sha256:1"], ["a: FROM x@sha256:2"], ["=0"]),
            (["b: RUN 1"], ["a: RUN 1"], ["=0"]),
            (["b: RUN 2"], ["a: RUN 1"], [""]),
        ] as [([String], [String], [String])]
    )
    func matches(_ new: [String], _ old: [String], _ expected: [String]) {
        let alignment = StepAlignment(build(new), build(old))
        let found = new.indices.map { index in
            switch alignment.matches[index] {
            case .same(let place)?: "=\(place)"
            case .changed(let place)?: "~\(place)"
            case nil: ""
            }
        }
        #expect(found == expected)
    }
}
