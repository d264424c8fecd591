import BuildGraph
import DockerfileParser
import OCI

/// What a stage begins with.
enum StageBase: Hashable, Sendable {
    /// An empty tree.
    case scratch
    /// The end of an earlier stage, by index.
    case stage(Int)
    /// An image; `context` is the named context that it came by, if any.
    case image(ImageLocator, context: String?)
    /// A named context that is no image.
    case context(name: String, NamedContext)
}

/// A stage whose names are resolved: one of the Dockerfile, or one made for an image that a step copies from.
struct PlannedStage: Hashable, Sendable {
    let index: Int
    /// The lower-cased name, or nil.
    let name: String?
    let base: StageBase
    /// The base as it is called in messages, expanded.
    let baseName: String
    /// The platform of `--platform`, or nil.
    let platform: Platform?
    /// The stage's own instructions; triggers come before them.
    let instructions: [Instruction]
    /// The `FROM` instruction, or the step that made the stage necessary.
    let origin: Origin
    /// Whether no `FROM` of the Dockerfile made it; its steps take no numbers.
    let isImplicit: Bool

    /// What messages call the stage: its name, or `stage-2`.
    var title: String { name ?? "stage-\(index)" }
}

/// All stages of a Dockerfile for one platform, and which of them is wanted.
struct StagePlan: Sendable {
    /// The stages of the Dockerfile, then the implicit ones.
    private(set) var stages: [PlannedStage]
    /// The index of the wanted stage.
    let target: Int
    /// How many stages the Dockerfile itself has.
    let declaredCount: Int
    /// Where the search for needed stages begins: the target, or every stage of the Dockerfile.
    let roots: [Int]
    private var implicit: [String: Int] = [:]
    private let contexts: ContextRequest
    private let platform: Platform
    let file: String

    init(
        stages: [PlannedStage],
        target: Int,
        contexts: ContextRequest,
        platform: Platform,
        file: String,
        needsAll: Bool = false
    ) {
        self.stages = stages
        self.target = target
        declaredCount = stages.count
        roots = needsAll ? Array(stages.indices) : [target]
        self.contexts = contexts
        self.platform = platform
        self.file = file
    }

    /// The name of the stage of the Dockerfile that a name which is none comes close to.
    func nearStage(to name: String) -> String? {
        Suggestion.nearest(to: name.lowercased(), among: stages[..<declaredCount].compactMap(\.name))
    }

    /// The stage that a `COPY --from` means: by number, by name, else one made for the image or context.
    mutating func stage(copiedFrom text: String, in current: Int, at origin: Origin) throws(FrontendError) -> Int {
        guard let index = Int(text) else { return try stage(named: text, in: current, at: origin) }
        guard stages.indices.contains(index), index < declaredCount else {
            throw FrontendError(.invalidStageIndex(index), at: [location(origin)])
        }
        if index == current { throw circularity(of: current, at: origin) }
        return index
    }

    /// The stage that a `RUN --mount=from=` means: by name, else one made for the image or context.
    mutating func stage(mountedFrom text: String, in current: Int, at origin: Origin) throws(FrontendError) -> Int {
        try stage(named: text, in: current, at: origin)
    }

    private mutating func stage(named text: String, in current: Int, at origin: Origin) throws(FrontendError) -> Int {
        let name = text.lowercased()
        let declared = stages[..<declaredCount]
        let match = declared.prefix(current + 1).last { $0.name == name } ?? declared.first { $0.name == name }
        if let match {
            if match.index == current { throw circularity(of: current, at: origin) }
            return match.index
        }
        if let index = implicit[text] { return index }
        let base = try Self.base(named: text, contexts: contexts, platform: platform, at: location(origin))
        let index = stages.count
        stages.append(
            PlannedStage(
                index: index,
                name: nil,
                base: base,
                baseName: text,
                platform: nil,
                instructions: [],
                origin: origin,
                isImplicit: true
            )
        )
        implicit[text] = index
        return index
    }

    /// What a name stands for that is no stage's: nothing, a named context, or an image.
    static func base(
        named name: String,
        contexts: ContextRequest,
        platform: Platform,
        at location: SourceLocation
    ) throws(FrontendError) -> StageBase {
        if name == "scratch" { return .scratch }
        if let (key, context) = contexts.override(of: name, platform: platform) {
            return base(of: context, named: key)
        }
        do {
            return .image(.registry(try ImageReference(parsing: name).withDefaultTag()), context: nil)
        } catch {
            throw FrontendError(.invalidBaseName(name: name, reason: "\(error)"), at: [location])
        }
    }

    /// The base that a named context makes.
    static func base(of context: NamedContext, named name: String) -> StageBase {
        switch context {
        case .empty: .scratch
        case .image(let reference): .image(.registry(reference.withDefaultTag()), context: name)
        case .ociLayout(let path, let tag, let digest):
            .image(.ociLayout(path: path, tag: tag, digest: digest), context: name)
        case .directory, .git, .archive: .context(name: name, context)
        }
    }

    private func circularity(of index: Int, at origin: Origin) -> FrontendError {
        FrontendError(.circularDependency(stage: stages[index].title), at: [location(origin)])
    }

    private func location(_ origin: Origin) -> SourceLocation { SourceLocation(file: file, range: origin.range) }
}
