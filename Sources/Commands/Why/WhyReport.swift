import LinuxSystem
import OCI
import Storage

/// What `swbuild why` prints.
struct WhyReport {
    private let record: BuildRecord
    private let verdicts: [StepExplanation.Verdict]
    private let isDryRun: Bool
    /// The vertices of which it depends on others whether they run.
    private let uncertain: Set<String>

    init(_ explanation: StepExplanation, isDryRun: Bool) throws {
        record = explanation.record
        verdicts = try explanation.verdicts()
        self.isDryRun = isDryRun
        var uncertain: Set<String> = []
        for verdict in verdicts where !verdict.reasons.isEmpty {
            if !Self.isCertain(verdict, explanation, uncertain) { uncertain.insert(verdict.step.vertex) }
        }
        self.uncertain = uncertain
    }

    /// Whether a step runs whatever those before it result in.
    private static func isCertain(
        _ verdict: StepExplanation.Verdict,
        _ explanation: StepExplanation,
        _ uncertain: Set<String>
    ) -> Bool {
        let foresight = explanation.foresight
        // What is new here may have been built elsewhere.
        if foresight.readsOtherCaches, verdict.step.ignoresCache != true,
            foresight.isKeyUnknown(of: verdict.step, in: explanation.record)
        {
            return false
        }
        return verdict.reasons.contains { reason in
            switch reason {
            case .unknownUntil, .unfetched, .unknownSource: false
            case .predecessor(_, let vertex, _): !uncertain.contains(vertex)
            default: true
            }
        }
    }

    /// Prints the report to stdout.
    func print(_ form: DocumentForm) throws {
        switch form {
        case .pretty: try StandardStream.output.write(Array(text.utf8))
        case .json: StandardStream.output.print(String(decoding: document.indented(), as: UTF8.self))
        }
    }

    /// A line that sums up, then each step with its reasons.
    var text: String {
        var text = headline + "\n"
        var table = TextTable(padding: 2)
        for verdict in verdicts { table.append([outcome(of: verdict.step), MissReason.shortened(verdict.step.name)]) }
        for (verdict, line) in zip(verdicts, table.text.split(separator: "\n")) {
            text += "\n" + line
            for reason in verdict.reasons {
                for line in reason.lines(isDryRun: isDryRun, uncertain: uncertain) { text += "\n    " + line }
            }
        }
        if !verdicts.isEmpty { text += "\n" }
        if let error = record.error { text += "\n" + (record.status == .failed ? "ERROR: \(error)\n" : "Canceled\n") }
        return text
    }

    private var headline: String {
        let ran = verdicts.filter { verdict in
            verdict.step.key != nil && verdict.step.outcome != .hit && verdict.step.outcome != .pending
        }.count
        let count = "\(ran) of \(verdicts.count) step\(verdicts.count == 1 ? "" : "s")"
        if isDryRun {
            let doubt = uncertain.isEmpty ? "" : ", of which \(uncertain.count) may be in the cache all the same"
            return "A build of \(record.definition.context) would run \(count)\(doubt)."
        }
        let age = ShownTime.ago(Timestamp.now.seconds - record.startedAt.seconds)
        return "Build \(record.id) of \(record.definition.context), \(age), ran \(count)."
    }

    private func outcome(of step: StepRecord) -> String {
        switch step.outcome {
        case .ran where isDryRun: uncertain.contains(step.vertex) ? "may run" : "would run"
        case .pending: "not reached"
        default: step.outcome.shown
        }
    }

    private var document: JSONText {
        var members: [(String, JSONText)] = [("Context", .string(record.definition.context))]
        if isDryRun {
            members.append(("DryRun", .bool(true)))
        } else {
            members.append(("Ref", .string(record.id)))
        }
        members.append(("Steps", .array(verdicts.map(document(of:)))))
        if let error = record.error { members.append(("Error", .string(error))) }
        return .object(members)
    }

    private func document(of verdict: StepExplanation.Verdict) -> JSONText {
        let step = verdict.step
        let foreseen = uncertain.contains(step.vertex) ? "may-run" : "would-run"
        let outcome = isDryRun && step.outcome == .ran ? foreseen : step.outcome.rawValue
        var members: [(String, JSONText)] = [("Name", .string(step.name)), ("Outcome", .string(outcome))]
        if let file = step.file { members.append(("File", .string(file))) }
        if let line = step.line { members.append(("Line", .integer(Int64(line)))) }
        if let key = step.key { members.append(("Key", .string(key))) }
        if let build = verdict.comparedWith { members.append(("ComparedWith", .string(build))) }
        members.append(("Reasons", .array(verdict.reasons.map(\.document))))
        return .object(members)
    }
}
