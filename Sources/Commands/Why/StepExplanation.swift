import OCI
import Storage

/// Finds out why the steps of a build ran, by comparing it with older ones.
struct StepExplanation {
    /// What is found out about one step.
    struct Verdict {
        let step: StepRecord
        /// The first one is what the user should look at.
        let reasons: [MissReason]
        /// The id of the build that the step is compared with.
        let comparedWith: String?
    }

    /// The build that is explained.
    let record: BuildRecord
    /// What is not known of the build, which may be one to come.
    let foresight: Foresight
    private let older: [BuildRecord]
    private let alignments: [StepAlignment]
    private let listings: ContentListings?
    private let now = Timestamp.now

    /// Explains `record` with the builds before it, the newest first.
    init(
        _ record: BuildRecord,
        older: [BuildRecord],
        listings: ContentListings?,
        _ foresight: Foresight = Foresight()
    ) {
        self.record = record
        self.foresight = foresight
        self.listings = listings
        // Builds of the same thing tell more than those of others.
        let own = older.filter { $0.isOfSameProject(as: record) }
        self.older = own + older.filter { !$0.isOfSameProject(as: record) }
        alignments = self.older.map { StepAlignment(record, $0) }
    }

    /// The steps of the definition in its order, each with why it ran; no reasons for one that did not.
    func verdicts() throws -> [Verdict] {
        let steps = record.steps.enumerated().filter { isShown($0.element) }
        let ordered = steps.sorted { ($0.element.line ?? 0, $0.offset) < ($1.element.line ?? 0, $1.offset) }
        return try ordered.map { index, step in
            guard step.key != nil, step.outcome != .hit, step.outcome != .pending else {
                return Verdict(step: step, reasons: [], comparedWith: nil)
            }
            return try verdict(index, step)
        }
    }

    /// Whether a step is one for users: not the builder's own, and not the download of an `ADD`, which is a step too.
    private func isShown(_ step: StepRecord) -> Bool {
        guard step.isOfDefinition, !step.isInternal else { return false }
        guard record.parts(of: step).contains(where: { $0.kind == "source" }) else { return true }
        return !record.steps.contains { $0.name == step.name && $0.vertex != step.vertex }
    }

    private func verdict(_ index: Int, _ step: StepRecord) throws -> Verdict {
        if step.ignoresCache == true {
            return Verdict(step: step, reasons: [noCache(step)], comparedWith: nil)
        }
        if let reason = foresight.reason(download: step, in: record) {
            return Verdict(step: step, reasons: [reason], comparedWith: nil)
        }
        if let (build, earlier) = sameKey(step) {
            let known = MissReason.Build(id: build.id, age: age(of: build))
            let isResult = earlier.outcome == .ran || earlier.outcome == .hit
            let reason = isResult ? MissReason.removed(known) : .unfinished(known, earlier.outcome)
            return Verdict(step: step, reasons: [reason], comparedWith: build.id)
        }
        guard let (build, earlier, isSame) = partner(index) else {
            let unknown = step.inputs.indices.compactMap { foresight.reason(input: $0, of: step, in: record) }
            return Verdict(step: step, reasons: [.neverBuilt] + unknown, comparedWith: nil)
        }
        let comparison = StepComparison(record, step, build, earlier, foresight)
        let reasons = try comparison.reasons(isSameInstruction: isSame, listings)
        return Verdict(step: step, reasons: reasons, comparedWith: build.id)
    }

    private func noCache(_ step: StepRecord) -> MissReason {
        let stages = record.definition.options["--no-cache-filter"] ?? []
        return .noCache(option: stages.isEmpty ? "--no-cache" : "--no-cache-filter \(stages.joined(separator: ","))")
    }

    /// The newest build with a step of the same key: one that ended well, if there is one.
    private func sameKey(_ step: StepRecord) -> (BuildRecord, StepRecord)? {
        var unfinished: (BuildRecord, StepRecord)?
        for build in older {
            for earlier in build.steps where earlier.key == step.key && earlier.outcome != .pending {
                if earlier.outcome == .ran || earlier.outcome == .hit { return (build, earlier) }
                unfinished = unfinished ?? (build, earlier)
            }
        }
        return unfinished
    }

    /// The newest step with a key that is this one, or was; of builds of other things only the very same instruction.
    private func partner(_ index: Int) -> (BuildRecord, StepRecord, isSame: Bool)? {
        for (build, alignment) in zip(older, alignments) {
            guard let match = alignment.matches[index] else { continue }
            let step = build.steps[match.index]
            guard step.key != nil else { continue }
            switch match {
            case .same: return (build, step, true)
            case .changed where build.isOfSameProject(as: record): return (build, step, false)
            case .changed: continue
            }
        }
        return nil
    }

    private func age(of build: BuildRecord) -> String {
        ShownTime.ago(now.seconds - build.startedAt.seconds)
    }
}

extension BuildRecord {
    /// Whether both are builds of the same Dockerfile with the same context.
    fileprivate func isOfSameProject(as other: BuildRecord) -> Bool {
        definition.context == other.definition.context && definition.dockerfile == other.definition.dockerfile
    }
}
