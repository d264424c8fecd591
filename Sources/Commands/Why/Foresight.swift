import Storage

/// What a dry run could not know of a build.
struct Foresight: Sendable {
    /// Why a content is not known.
    enum Unknown: Hashable, Sendable {
        /// The step whose result it is would have to run.
        case notRun
        /// The layers of the result are in the cache of this name, from which nothing was fetched.
        case notFetched(cache: String)
        /// A file that was not fetched: there is another version than before.
        case changed
        /// A file that was not fetched; why its server was asked in vain, if it was.
        case notDownloaded(failure: String?)
    }

    /// The files from elsewhere whose version is not known, by their vertices.
    var downloads: [String: Unknown] = [:]
    /// The inputs whose content is not known; by vertex, then by index.
    var inputs: [String: [Int: Unknown]] = [:]
    /// Whether caches elsewhere were looked into, which may hold what was never built here.
    var readsOtherCaches = false

    /// Whether the key of a step of `record` is made of something that is not known.
    func isKeyUnknown(of step: StepRecord, in record: BuildRecord) -> Bool {
        if downloads[step.vertex] != nil || inputs[step.vertex] != nil { return true }
        return step.inputs.contains { input in
            guard input.kind == .key, let before = record.step(of: input) else { return false }
            return isKeyUnknown(of: before, in: record)
        }
    }
}

// Reasons.
extension Foresight {
    /// What is to be said of an input of `step` whose content is not known; nil of one that is.
    ///
    /// `earlier` is the step that made what the input was in the build that `step` is compared with.
    func reason(
        input index: Int,
        of step: StepRecord,
        in record: BuildRecord,
        _ earlier: StepRecord? = nil
    ) -> MissReason? {
        guard let unknown = inputs[step.vertex]?[index], let maker = record.step(of: step.inputs[index]) else {
            return nil
        }
        return reason(unknown, maker, in: record, earlier)
    }

    /// The same of a file from elsewhere, which is what `step` is.
    func reason(download step: StepRecord, in record: BuildRecord) -> MissReason? {
        downloads[step.vertex].map { reason($0, step, in: record, nil) }
    }

    private func reason(
        _ unknown: Unknown,
        _ maker: StepRecord,
        in record: BuildRecord,
        _ earlier: StepRecord?
    ) -> MissReason {
        let source = record.parts(of: maker).first { $0.kind == "source" }?.name
        switch unknown {
        case .notFetched(let cache): return .unfetched(step: maker.name, cache: cache)
        case .changed: return .source(name: source ?? maker.name)
        case .notDownloaded(let failure): return .unknownSource(name: source ?? maker.name, failure: failure)
        case .notRun:
            guard let source else { return .unknownUntil(step: maker.name) }
            let isOther = earlier?.identity != nil && earlier?.identity != maker.identity
            return isOther ? .source(name: source) : .unknownSource(name: source, failure: nil)
        }
    }
}
