import FoundationEssentials
import Testing

@testable import Frontend

/// Every directory of `testdata/lowering` and of `testdata/projects` is a case: a Dockerfile, a request, and what becomes
/// of them.
///
/// `RECORD=1` rewrites the expectations and fails; see `testdata/lowering/README.md`.
@Suite
struct LoweringTests {
    @Test(arguments: LoweringCase.all + LoweringCase.projects)
    func `a Dockerfile and a request give the recorded graph, configuration, findings and error`(
        _ lowering: LoweringCase
    ) async throws {
        let outcome = await lowering.outcome()
        if LoweringCase.isRecording {
            try lowering.record(outcome)
            Issue.record("recorded \(lowering.name)")
            return
        }
        for name in LoweringCase.outputs {
            #expect(outcome[name] == lowering.expected(name), "\(lowering.name)/\(name)")
        }
    }

    @Test
    func `there are cases`() {
        #expect(LoweringCase.all.count > 280)
        #expect(LoweringCase.projects.count >= 40)
    }
}
