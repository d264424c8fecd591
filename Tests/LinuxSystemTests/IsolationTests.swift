import Glibc
import Testing

@testable import LinuxSystem

struct IsolationTests {
    @Test(arguments: [
        ProbeFinding(),
        ProbeFinding(refusal: .noRange(.fewIDs(12))),
        ProbeFinding(refusal: .mapperFailed(.groupMap, output: "gid range; not allowed")),
        ProbeFinding(overlay: SystemError("mount overlay", code: EINVAL, detail: "no upper; here")),
    ])
    func findingsComeBackFromTheChildAsTheyWere(_ finding: ProbeFinding) {
        let lines = String(decoding: ProbeReport.encode(finding), as: UTF8.self).split(separator: "\n").map(String.init)
        #expect(lines.last == "end")
        #expect(ProbeReport.decode(lines) == finding)
    }

    @Test func theCauseOfARefusalIsFoundByTheParent() {
        let finding = ProbeReport.decode(["refused\t\(UserNamespaceError.Step.unshare.rawValue)\t\(ENOSPC)", "end"])
        let limit = UserNamespaceFacts.read().maximum
        #expect(finding.refusal == .refused(.unshare, code: ENOSPC, cause: .limit(limit)))
    }

    @Test func theBestPossibleRungIsTakenWithTheReasonsAgainstBetterOnes() {
        let survey = IsolationSurvey(entries: [
            .init(rung: .range, refusal: .noRange(.missingPrograms), overlay: nil),
            .init(rung: .single, refusal: nil, overlay: nil),
            .init(rung: .container, refusal: .notRoot, overlay: nil),
        ])
        #expect(survey.best == .single)
        #expect(survey.refusals == [.init(.range, .noRange(.missingPrograms))])
        #expect(IsolationSurvey(entries: []).best == .none)
    }

    @Test func verdictsHoldForTheirKeyAlone() throws {
        try withTemporaryDirectory { _, cache in try checkVerdicts(in: cache) }
    }

    private func checkVerdicts(in cache: Path) throws {
        let key = IsolationVerdict.Key(.auto, plan: MappingPlan(.missingPrograms), cache: cache)
        #expect(IsolationVerdict.read(key, cache) == nil)
        let verdict = IsolationVerdict(rung: .single, note: "no range of ids: why")
        verdict.write(key, cache)
        #expect(IsolationVerdict.read(key, cache) == verdict)
        #expect(IsolationVerdict.read(.init(.single, plan: MappingPlan(.missingPrograms), cache: cache), cache) == nil)
        let range = MappingPlan(
            .child,
            users: IDMap([.init(inside: 0, outside: 0, count: 70_000)]),
            groups: IDMap([.init(inside: 0, outside: 0, count: 70_000)])
        )
        #expect(IsolationVerdict.read(.init(.auto, plan: range, cache: cache), cache) == nil)
        IsolationVerdict.remove(cache)
        #expect(IsolationVerdict.read(key, cache) == nil)
    }

    @Test func refusalsAreToldInLines() {
        let list = RefusalList([.init(.range, .noRange(.noNewPrivileges)), .init(.container, .notRoot)])
        #expect(list.lines.count == 3)
        #expect(list.lines[0] == "  userns  `no_new_privs` is set, so `newuidmap` cannot gain privileges")
        #expect(list.lines[1].hasPrefix("          remedy: start it without `no_new_privs`"))
        #expect(list.lines[2] == "  chroot  a private root directory without namespaces needs root")
    }
}
