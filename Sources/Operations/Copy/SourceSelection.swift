import BuildGraph
import DockerfileParser
import LinuxSystem

/// What a copy takes from its source: the same choice makes the cache key and the copy.
struct SourceSelection {
    /// One file or directory that was named or matched.
    struct Item {
        /// Where it is in the tree, relative to its root, links worked out.
        let path: Path
        /// How it was named, for the name that it gets at the destination.
        let name: Path
        let status: FileStatus
    }

    /// In the order of their names.
    let items: [Item]
    /// Whether the source held a wildcard, so that the names of what matched count for the result.
    let isWildcard: Bool

    /// Chooses what `selector` takes from `tree`; throws ``OperationError/sourceNotFound(_:ignoredBy:near:)`` where a path that
    /// is no wildcard names nothing.
    init(_ selector: ContentSelector, in tree: SourceTree) throws {
        let source = Path(selector.path)
        let components = source.lexicallyNormalized().components
        let wild = selector.wildcard ? components.firstIndex { WildcardPattern.hasWildcard($0.string) } : nil
        guard let wild else {
            isWildcard = false
            do {
                items = [try Self.item(named: source, selector, in: tree)]
            } catch OperationError.sourceNotFound where selector.optional {
                items = []
            }
            return
        }
        isWildcard = true
        let patterns = try components[wild...].map { try WildcardPattern($0.string) }
        let prefix = components[..<wild].reduce(Path("")) { $0.appending($1) }
        var matches: [Path] = []
        if let base = try? LinkResolver.resolve(prefix, in: tree.root, followLast: true) {
            try Self.match(patterns[...], below: base, in: tree, into: &matches)
        }
        items = try matches.sorted().compactMap { try Self.matched($0, selector, in: tree) }
        if items.isEmpty, !selector.allowEmptyWildcard {
            throw OperationError.sourceNotFound(selector.path)
        }
        for required in selector.requiredPaths {
            _ = try Self.item(named: Path(required), selector, in: tree)
        }
    }

    /// The item of a path without wildcards.
    private static func item(named source: Path, _ selector: ContentSelector, in tree: SourceTree) throws -> Item {
        do {
            let path = try LinkResolver.resolve(source, in: tree.root, followLast: selector.followSymlink)
            let status = path.isEmpty ? try tree.root.descriptor.status() : try tree.root.status(path, .noSymlinks)
            guard tree.visibility(path, isDirectory: status.kind == .directory) != .hidden else {
                throw OperationError.sourceNotFound(selector.path, ignoredBy: tree.ignored?.deciding(path.bytes))
            }
            return Item(path: path, name: source.lexicallyNormalized(), status: status)
        } catch let error as SystemError {
            guard error.isNotFound else { throw error }
            throw OperationError.sourceNotFound(selector.path, near: Self.near(source, in: tree))
        }
    }

    /// A path that is there and differs from a missing one in one name by little.
    private static func near(_ missing: Path, in tree: SourceTree) -> String? {
        var place: Path = ""
        let names = missing.lexicallyNormalized().components
        for (index, name) in names.enumerated() {
            if (try? tree.root.status(place.appending(name), .noSymlinks)) != nil {
                place = place.appending(name)
                continue
            }
            guard let entries = try? tree.root.openDirectory(place, .noSymlinks).entries() else { return nil }
            let visible = entries.map { place.appending($0.name) }.filter {
                tree.visibility($0, isDirectory: false) != .hidden
            }
            let options = visible.compactMap { $0.lastComponent?.string }.sorted()
            guard let near = Suggestion.nearest(to: name.string, among: options) else { return nil }
            let path = names[(index + 1)...].reduce(place.appending(Path(near))) { $0.appending($1) }
            return (try? tree.root.status(path, .noSymlinks)) == nil ? nil : path.string
        }
        return nil
    }

    /// The item of a path that a wildcard matched; nil where the ignore file hides it or a link leads nowhere.
    private static func matched(_ name: Path, _ selector: ContentSelector, in tree: SourceTree) throws -> Item? {
        do {
            let path = try LinkResolver.resolve(name, in: tree.root, followLast: selector.followSymlink)
            let status = try tree.root.status(path, .noSymlinks)
            guard tree.visibility(path, isDirectory: status.kind == .directory) != .hidden else { return nil }
            return Item(path: path, name: name, status: status)
        } catch {
            guard error.isNotFound else { throw error }
            throw OperationError.sourceNotFound(name.string)
        }
    }

    /// Collects the paths below `directory` whose names match the patterns, one pattern a level.
    ///
    /// Links are not followed: the tree is matched by name (spec/01 §1.10).
    private static func match(
        _ patterns: ArraySlice<WildcardPattern>,
        below directory: Path,
        in tree: SourceTree,
        into matches: inout [Path]
    ) throws {
        guard let pattern = patterns.first else { return }
        let opened = try tree.root.openDirectory(directory, .noSymlinks)
        for entry in try opened.entries() where pattern.matches(entry.name.bytes) {
            let path = directory.appending(entry.name)
            let isDirectory = try (entry.kind ?? opened.status(entry.name).kind) == .directory
            if tree.visibility(path, isDirectory: isDirectory) == .hidden { continue }
            if patterns.count == 1 {
                matches.append(path)
            } else if isDirectory {
                try match(patterns.dropFirst(), below: path, in: tree, into: &matches)
            }
        }
    }
}
