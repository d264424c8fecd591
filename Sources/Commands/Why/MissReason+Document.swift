import OCI
import Storage

extension MissReason {
    /// The reason as a JSON object, whose `Kind` says which other members there are.
    var document: JSONText {
        switch self {
        case .noCache(let option): Self.object("no-cache", ("Option", option))
        case .removed(let build): Self.object("removed", ("Build", build.id))
        case .unfinished(let build, let outcome):
            Self.object("unfinished", ("Build", build.id), ("Outcome", outcome.rawValue))
        case .neverBuilt: Self.object("never-built")
        case .instruction(let old, let new): Self.object("instruction", ("Old", old), ("New", new))
        case .part(let kind, let name, let old, let new, let isArgument):
            Self.object(isArgument ? "build-arg" : kind, ("Name", name), ("Old", old), ("New", new))
        case .variableOrder: Self.object("variable-order")
        case .files(let source, let changes, let count):
            .object([
                ("Kind", .string("files")), ("Source", .string(source)), ("Count", .integer(Int64(count))),
                ("Files", .array(changes.map(\.document))),
            ])
        case .content(let source): Self.object("content", ("Source", source))
        case .baseImage(let name, let old, let new):
            Self.object("base-image", ("Name", name), ("Old", old), ("New", new))
        case .source(let name): Self.object("source", ("Name", name))
        case .predecessor(let name, _, let ran):
            Self.object(ran ? "step-before-ran" : "step-before-differs", ("Step", name))
        case .scope(let old, let new): Self.object("isolation", ("Old", old), ("New", new))
        case .hidden(let names): .object([("Kind", .string("hidden")), ("Names", .strings(names))])
        case .definition: Self.object("not-recorded")
        case .unknownUntil(let step): Self.object("unknown-until", ("Step", step))
        case .unfetched(let step, let cache): Self.object("unknown-until-fetched", ("Step", step), ("Cache", cache))
        case .unknownSource(let name, let failure): Self.object("unknown-source", ("Name", name), ("Error", failure))
        }
    }

    private static func object(_ kind: String, _ members: (String, String?)...) -> JSONText {
        .object(
            [("Kind", .string(kind))] + members.compactMap { name, value in value.map { (name, .string($0)) } }
        )
    }
}

extension FileChange {
    fileprivate var document: JSONText {
        var members: [(String, JSONText)] = [("Path", .string(path)), ("Change", .string(kind.rawValue))]
        if let old { members.append(("Old", .string(old))) }
        if let new { members.append(("New", .string(new))) }
        return .object(members)
    }
}
