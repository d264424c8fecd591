import Glibc

// Which rung this process stands on.
extension UserNamespace {
    /// Makes this process what `mode` asks for: root of what it may be root of, with mounts of its own.
    ///
    /// With ``IsolationMode/auto`` the identity is at worst of kind `.none`, with the reasons, and the process is as it
    /// was; it fails only where a rung was found possible before and no longer is. Every other mode throws
    /// ``UserNamespaceError/forced(_:cause:)`` where it is not possible.
    /// What would leave the process in between where it is refused is first tried in a child, on the cache directory
    /// `cache`; the verdict is kept there, for this boot and these credentials. Single threaded, once.
    package static func enter(_ mode: IsolationMode = .auto, cache: Path? = nil) throws(UserNamespaceError) -> Identity
    {
        do throws(UserNamespaceError) {
            switch mode {
            case .auto: return try enterBest(cache)
            case .userns: return try enterForced(.range, mode, cache)
            case .single: return try enterForced(.single, mode, cache)
            case .chroot: return try enterForced(.container, mode, cache)
            }
        } catch {
            throw mode == .auto ? error : .forced(mode, cause: error)
        }
    }

    private static func enterBest(_ cache: Path?) throws(UserNamespaceError) -> Identity {
        let present = enterAsPresentRoot()
        if let present, present.idCount >= MappingPlan.neededIDs || present.kind == .single { return present }
        let plan = MappingPlan.forThisProcess()
        if let verdict = IsolationVerdict.read(.init(.auto, plan: plan, cache: cache), cache) {
            if verdict.rung == .range, let present { return present }
            return try enter(verdict.rung, plan, note: verdict.note, cache)
        }
        let survey = IsolationSurvey(plan: plan, place: ProbePlace(cache), stopsAtFirst: true)
        guard survey.best != .none else {
            return Identity(kind: .none, userxattr: true, refusals: survey.refusals)
        }
        let note = survey.refusals.first.map { "no range of ids: \($0.error.reason)" }
        // Made again: before, there may have been no cache directory.
        IsolationVerdict(rung: survey.best, note: note).write(.init(.auto, plan: plan, cache: cache), cache)
        if survey.best == .range, let present { return present }
        let identity = try enter(survey.best, plan, note: note, cache)
        return Identity(kind: identity.kind, userxattr: true, note: identity.note, refusals: survey.refusals)
    }

    private static func enterForced(
        _ rung: IsolationRung,
        _ mode: IsolationMode,
        _ cache: Path?
    ) throws(UserNamespaceError) -> Identity {
        if rung == .range, let present = enterAsPresentRoot(), present.kind != .single { return present }
        let plan = MappingPlan.forThisProcess()
        if IsolationVerdict.read(.init(mode, plan: plan, cache: cache), cache) == nil {
            let finding = IsolationProbe.run(rung, plan, ProbePlace(cache))
            if let refusal = finding.refusal { throw refusal }
            IsolationVerdict(rung: rung, note: nil).write(.init(mode, plan: plan, cache: cache), cache)
        }
        return try enter(rung, plan, note: nil, cache)
    }

    /// Enters a rung that was found possible.
    private static func enter(
        _ rung: IsolationRung,
        _ plan: MappingPlan,
        note: String?,
        _ cache: Path?
    ) throws(UserNamespaceError) -> Identity {
        do throws(UserNamespaceError) {
            switch rung {
            case .range: return try enterRange(plan)
            case .single: return try enterSingle(note: note)
            case .container: return Identity(kind: .container, userxattr: true, note: note)
            case .none: return Identity(kind: .none, userxattr: true, note: note)
            }
        } catch {
            // Something changed since: the next process shall find out what.
            IsolationVerdict.remove(cache)
            throw error
        }
    }
}

extension UserNamespace.Identity {
    /// The number of user ids that exist.
    package var idCount: Int {
        switch kind {
        case .initial: Int(UInt32.max)
        case .range(let count): count
        case .single: 1
        case .container, .none:
            IDMap(parsing: UserNamespaceFacts.text("/proc/self/uid_map") ?? "0 0 4294967295").count
        }
    }
}
