import OCI
import Storage

/// What differs between a step and what it was in an older build.
struct StepComparison {
    private let newBuild: BuildRecord
    private let new: StepRecord
    private let oldBuild: BuildRecord
    private let old: StepRecord
    private let foresight: Foresight

    init(
        _ newBuild: BuildRecord,
        _ new: StepRecord,
        _ oldBuild: BuildRecord,
        _ old: StepRecord,
        _ foresight: Foresight
    ) {
        self.newBuild = newBuild
        self.new = new
        self.oldBuild = oldBuild
        self.old = old
        self.foresight = foresight
    }

    /// The differences: first those of the step itself, then those of files, of the base image, of the step before.
    func reasons(isSameInstruction: Bool, _ listings: ContentListings?) throws -> [MissReason] {
        var reasons: [MissReason] = []
        let own = isSameInstruction ? self.own() : [.instruction(old: Self.text(of: old), new: Self.text(of: new))]
        let isImage = own.contains { if case .baseImage = $0 { true } else { false } }
        reasons += own
        let inputs = try inputs(listings, tellsDocuments: own.isEmpty)
        reasons += inputs.filter { reason in
            if case .predecessor = reason { false } else { true }
        }
        reasons += inputs.filter { reason in
            if case .predecessor = reason { !isImage } else { false }
        }
        return reasons.isEmpty ? [unrecorded] : reasons
    }

    /// What differs apart from the inputs.
    private func own() -> [MissReason] {
        guard old.identity != new.identity else { return [] }
        if let before = oldBuild.definition.scope, let after = newBuild.definition.scope, before != after {
            return [.scope(old: before, new: after)]
        }
        let (before, after) = (oldBuild.parts(of: old), newBuild.parts(of: new))
        var reasons: [MissReason] = []
        for part in after {
            let match = before.first { $0.kind == part.kind && $0.name == part.name }
            if part.kind == "image" {
                if let image = before.first(where: { $0.kind == "image" }), image.value != part.value {
                    reasons.append(.baseImage(name: part.name, old: image.value, new: part.value))
                }
            } else if match?.value != part.value {
                reasons.append(reason(part, old: match?.value, new: part.value))
            }
        }
        for part in before where part.kind != "image" {
            guard !after.contains(where: { $0.kind == part.kind && $0.name == part.name }) else { continue }
            reasons.append(reason(part, old: part.value, new: nil))
        }
        if reasons.isEmpty, before.filter(\.isVariable) != after.filter(\.isVariable) { reasons = [.variableOrder] }
        return reasons.isEmpty ? [unrecorded] : reasons
    }

    private func reason(_ part: StepRecord.Part, old: String?, new: String?) -> MissReason {
        let isArgument =
            part.isVariable
            && [oldBuild, newBuild].contains { $0.definition.buildArguments[part.name] != nil }
        return .part(kind: part.kind, name: part.name, old: old, new: new, isArgument: isArgument)
    }

    /// What differs where nothing that is recorded does.
    private var unrecorded: MissReason {
        if old.identity == new.identity { return .definition }
        let hidden = newBuild.parts(of: new).filter { part in
            part.value.contains(StepRecord.hidden) || part.value.contains("xxxxx")
        }
        if !hidden.isEmpty { return .hidden(hidden.map(\.name)) }
        if let source = newBuild.parts(of: new).first(where: { $0.kind == "source" }) {
            return .source(name: source.name)
        }
        return .definition
    }

    private static func text(of step: StepRecord) -> String { step.text ?? StepLabel(step.name).text }

    /// What differs in the inputs; those that are the step's own heredocs only with `tellsDocuments`.
    private func inputs(_ listings: ContentListings?, tellsDocuments: Bool) throws -> [MissReason] {
        var reasons: [MissReason] = []
        for (index, after) in new.inputs.enumerated() {
            let step = newBuild.step(of: after)
            if !tellsDocuments, step?.isInternal == true { continue }
            let earlier = old.inputs.indices.contains(index) ? old.inputs[index] : nil
            let maker = earlier.flatMap { oldBuild.step(of: $0) }
            if let unknown = foresight.reason(input: index, of: new, in: newBuild, maker) {
                reasons.append(unknown)
                continue
            }
            guard let before = earlier else { continue }
            if before.kind == after.kind, before.digest == after.digest { continue }
            switch (before.kind, after.kind) {
            case (.content, .content): reasons.append(try content(before, after, step, listings))
            default: reasons += predecessor(maker, step)
            }
        }
        return reasons
    }

    private func content(
        _ before: StepRecord.Input,
        _ after: StepRecord.Input,
        _ step: StepRecord?,
        _ listings: ContentListings?
    ) throws -> MissReason {
        let source = step.map(sourceName) ?? ""
        guard let listings, let old = before.digest.flatMap({ try? Digest($0) }),
            let new = after.digest.flatMap({ try? Digest($0) }),
            let (changes, count) = try ContentComparison(listings: listings).changes(from: old, to: new), count > 0
        else { return .content(source: source) }
        return .files(source: source, changes, count: count)
    }

    /// Where files come from: the context, or a stage.
    private func sourceName(_ step: StepRecord) -> String {
        let label = StepLabel(step.name)
        if step.name == "[internal] load build context" { return "the context" }
        if step.isInternal { return "its heredoc" }
        if let stage = label.stage, stage.hasPrefix("context ") { return "the \(stage)" }
        if let source = newBuild.parts(of: step).first(where: { $0.kind == "source" }) { return "`\(source.name)`" }
        guard let stage = label.stage, !stage.isEmpty else { return "`\(step.shownName)`" }
        return "`\(stage)`"
    }

    private func predecessor(_ before: StepRecord?, _ after: StepRecord?) -> [MissReason] {
        guard let after else { return [.definition] }
        let image = newBuild.parts(of: after).first { $0.kind == "image" }
        let earlier = before.flatMap { step in oldBuild.parts(of: step).first { $0.kind == "image" } }
        if let image, let earlier {
            return [.baseImage(name: image.name, old: earlier.value, new: image.value)]
        }
        return [.predecessor(name: after.name, vertex: after.vertex, ran: after.outcome != .hit)]
    }
}

extension StepRecord {
    /// Whether the step is the builder's own, such as a heredoc made into a file.
    var isInternal: Bool { line == nil && StepLabel(name).stage == "internal" }
}

extension StepRecord.Part {
    fileprivate var isVariable: Bool { kind == "environment" }
}
