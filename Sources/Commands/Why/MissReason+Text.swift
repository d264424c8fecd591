import Storage

extension MissReason {
    /// The reason in lines for people; `isDryRun` where the step has not run, and `uncertain` are the vertices that may not.
    func lines(isDryRun: Bool, uncertain: Set<String> = []) -> [String] {
        switch self {
        case .noCache(let option): ["`\(option)` was given"]
        case .removed(let build): ["its result, of build \(build.id) (\(build.age)), is no longer in the cache"]
        case .unfinished(let build, .failed): ["there is no result: it failed in build \(build.id) (\(build.age))"]
        case .unfinished(let build, _): ["there is no result: build \(build.id) (\(build.age)) was interrupted"]
        case .neverBuilt: ["no build that is recorded had it before"]
        case .instruction(let old, let new): [Self.instruction(old, new)]
        case .part(let kind, let name, let old, let new, let isArgument):
            [Self.title(kind, name, isArgument) + Self.change(old, new)]
        case .variableOrder: ["the order of the variables changed"]
        case .files(let source, let changes, let count): Self.files(source, changes, count)
        case .content(let source): ["what it takes from \(source) changed; which files did is not recorded"]
        case .baseImage(let name, let old, let new):
            ["the base image `\(name)` changed: \(Self.short(old)) -> \(Self.short(new))"]
        case .source(let name): ["what is at `\(name)` changed"]
        case .predecessor(let name, let vertex, true):
            ["a step before it \(Self.verb(isDryRun, uncertain.contains(vertex))): \(Self.shortened(name))"]
        case .predecessor(let name, _, false): ["it stands on another result than before: \(Self.shortened(name))"]
        case .scope(let old, let new): ["owners and snapshots are kept in another way: `\(old)` -> `\(new)`"]
        case .hidden(let names):
            ["something that is not recorded changed, perhaps \(names.map { "`\($0)`" }.joined(separator: ", "))"]
        case .definition: ["something that is not recorded changed"]
        case .unknownUntil(let step): ["what it takes is not known before this has run: \(Self.shortened(step))"]
        case .unfetched(let step, let cache):
            ["what it takes is not known before this is fetched from the cache `\(cache)`: \(Self.shortened(step))"]
        case .unknownSource(let name, nil):
            ["a build would ask for `\(name)`: what is there is not known before"]
        case .unknownSource(let name, let failure?): ["a build would ask for `\(name)`, and perhaps fail: \(failure)"]
        }
    }

    /// The old text, or of texts that begin alike the first lines that differ.
    private static func instruction(_ old: String, _ new: String) -> String {
        let before = old.split(separator: "\n", omittingEmptySubsequences: false)
        let after = new.split(separator: "\n", omittingEmptySubsequences: false)
        let same = zip(before, after).prefix { $0 == $1 }.count
        if same == 0 { return "the instruction changed; it was `\(shortened(old))`" }
        let pieces = [before, after].map { lines in
            lines.indices.contains(same) ? "`\(shortened(String(lines[same])))`" : "nothing"
        }
        return "the instruction changed in its line \(same + 1): \(pieces[0]) -> \(pieces[1])"
    }

    private static func verb(_ isDryRun: Bool, _ isUncertain: Bool) -> String {
        isDryRun ? isUncertain ? "may run" : "would run" : "ran"
    }

    private static func title(_ kind: String, _ name: String, _ isArgument: Bool) -> String {
        switch kind {
        case "environment": isArgument ? "build argument `\(name)`" : "variable `\(name)` (of ARG or ENV)"
        case "mount": "the mount at `\(name)`"
        case "source": "the source `\(name)`"
        default: "the \(name)"
        }
    }

    private static func change(_ old: String?, _ new: String?) -> String {
        switch (old, new) {
        case (let old?, let new?): " changed: `\(short(shortened(old)))` -> `\(short(shortened(new)))`"
        case (nil, let new?): " is new: `\(short(shortened(new)))`"
        case (let old?, nil): " is gone; it was `\(short(shortened(old)))`"
        case (nil, nil): " changed"
        }
    }

    private static func files(_ source: String, _ changes: [FileChange], _ count: Int) -> [String] {
        let isStage = source.hasPrefix("`")
        let place = source == "the context" ? "" : "in \(source): "
        let lines = changes.map { change in
            let subject = "\(place)`\(isStage ? "/" : "")\(change.path)`"
            return switch (change.kind, change.old, change.new) {
            case (.added, _, _): "\(subject) was added"
            case (.removed, _, _): "\(subject) was removed"
            case (.attributes, _, _): "\(subject) changed: extended attributes"
            case (let kind, let old, let new):
                "\(subject) changed: \(kind.rawValue) \(old ?? "") -> \(new ?? "")"
            }
        }
        let more = count - Set(changes.map(\.path)).count
        return more > 0 ? lines + ["and \(more) more file\(more == 1 ? "" : "s")"] : lines
    }

    /// The first line, and not too much of it.
    static func shortened(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        let cut = line.count > 120 ? line.prefix(117) + "..." : line[...]
        return line.utf8.count < text.utf8.count && line.count <= 120 ? cut + " ..." : String(cut)
    }

    /// A digest of which as much is left as tells it from others.
    static func short(_ digest: String) -> String {
        digest.hasPrefix("sha256:") ? String(digest.prefix(19)) : digest
    }
}
