import OCI

/// A line of a frame on the terminal, before it is fitted to the width.
struct TTYJob {
    /// Which colour the line has once it is complete.
    enum Outcome {
        case run
        case canceled
        case error
    }

    var name: String
    /// A byte counter, or empty.
    var counter = ""
    var nanoseconds: Int64
    var isCompleted: Bool
    var outcome = Outcome.run
    /// The vertex whose log may be shown below the line.
    var vertex: Digest?
    /// Lines of that log.
    var log: [String] = []
}

extension ProgressTrace {
    /// The lines for all that has begun.
    func jobs(at now: Timestamp) -> [TTYJob] {
        started.compactMap { vertices[$0] }.flatMap { $0.jobs(at: now) }
    }

    /// How many vertices have ended.
    var completedCount: Int {
        started.count { vertices[$0]?.ending != nil }
    }
}

extension VertexTrace {
    fileprivate func jobs(at now: Timestamp) -> [TTYJob] {
        let total = nanoseconds(at: now)
        var jobs = [
            TTYJob(
                name: prefix + printable(name),
                nanoseconds: total,
                isCompleted: ending != nil,
                outcome: outcome,
                vertex: id
            )
        ]
        for status in statuses {
            let time = (status.completed ?? now).nanoseconds(since: status.started)
            jobs.append(
                TTYJob(
                    name: "=> " + printable(status.id),
                    counter: Figures.progress(status),
                    nanoseconds: time,
                    isCompleted: status.completed != nil
                )
            )
        }
        for warning in warnings {
            jobs.append(
                TTYJob(
                    name: "WARN: " + printable(warning.short),
                    nanoseconds: total,
                    isCompleted: ending != nil,
                    outcome: .canceled
                )
            )
        }
        return jobs
    }

    private var prefix: String {
        switch ending {
        case .cached: "CACHED "
        case .failed: "ERROR "
        case .canceled: "CANCELED "
        case .done, nil: ""
        }
    }

    private var outcome: TTYJob.Outcome {
        switch ending {
        case .failed: .error
        case .canceled: .canceled
        case .done, .cached, nil: .run
        }
    }

    /// A name cannot move the cursor: control characters become blanks.
    private func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }
            )
        )
    }
}

extension TTYJob {
    /// Returns those of `jobs` that fit into `limit` lines: the latest, and before them what is still at work of the
    /// others, in place of lines that are complete.
    static func fitting(_ jobs: [TTYJob], limit: Int) -> [TTYJob] {
        guard limit > 0 else { return [] }
        guard jobs.count > limit else { return jobs }
        let cut = jobs.dropLast(limit).filter { !$0.isCompleted }
        var wanted = cut.count
        let kept = jobs.suffix(limit).filter { job in
            guard job.isCompleted, wanted > 0 else { return true }
            wanted -= 1
            return false
        }
        return cut.suffix(cut.count - wanted) + kept
    }
}
