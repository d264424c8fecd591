/// What became of each rung when it was tried, best first.
package struct IsolationSurvey: Hashable, Sendable {
    /// One rung, tried.
    package struct Entry: Hashable, Sendable {
        package let rung: IsolationRung
        /// Why it cannot be taken; nil where it can.
        package let refusal: UserNamespaceError?
        /// Why overlay does not work on the cache directory; nil where it does, or was not tried.
        package let overlay: SystemError?

        package init(rung: IsolationRung, refusal: UserNamespaceError?, overlay: SystemError?) {
            self.rung = rung
            self.refusal = refusal
            self.overlay = overlay
        }
    }

    package let entries: [Entry]

    /// Tries every rung, the best first, in a child each; single threaded only.
    ///
    /// The cache directory is made where it is missing.
    package static func ofThisProcess(cache: Path?) -> IsolationSurvey {
        IsolationSurvey(plan: .forThisProcess(), place: ProbePlace(cache), stopsAtFirst: false)
    }

    /// Tries the rungs; with `stopsAtFirst` none below the best one that is possible.
    init(plan: MappingPlan, place: borrowing ProbePlace, stopsAtFirst: Bool) {
        var entries: [Entry] = []
        for rung in [IsolationRung.range, .single, .container] {
            let finding = IsolationProbe.run(rung, plan, place)
            entries.append(Entry(rung: rung, refusal: finding.refusal, overlay: finding.overlay))
            if finding.refusal == nil, stopsAtFirst { break }
        }
        self.entries = entries
    }

    package init(entries: [Entry]) { self.entries = entries }

    /// The best rung that is possible.
    ///
    /// A range of few ids stands above none at all and above a private root directory: most steps do with them.
    package var best: IsolationRung {
        let first = entries.first { $0.refusal == nil }?.rung ?? .none
        guard first == .none || first == .container, case .noRange(.fewIDs(let count)) = entries.first?.refusal,
            count > 1
        else { return first }
        return .range
    }

    /// The rungs above the best one, with what refused.
    package var refusals: [UserNamespace.Refusal] {
        entries.prefix { $0.refusal != nil && $0.rung != best }.compactMap { entry in
            entry.refusal.map { UserNamespace.Refusal(entry.rung, $0) }
        }
    }

    /// Why overlay does not work on the cache directory where the best rung would use it.
    package var overlay: SystemError? { entries.first { $0.rung == best }?.overlay }
}
