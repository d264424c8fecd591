import OCI

/// How an input enters the cache key of a vertex.
package enum InputKeyKind: Hashable, Sendable {
    /// By the input's own key: it need not be evaluated for a look-up.
    case definition
    /// By what is at the selected paths, in the order of the selectors.
    case content([ContentSelector])
}

/// Paths of an input whose content counts.
package struct ContentSelector: Hashable, Sendable {
    /// An absolute path, with wildcards where `wildcard`.
    package var path: String
    /// The last component is followed if it is a symlink.
    package var followSymlink = true
    package var wildcard = false
    /// A wildcard that matches nothing selects nothing, rather than being an error.
    package var allowEmptyWildcard = false
    /// Of a directory, only what is in it counts, not its own attributes.
    package var contentsOnly = false
    /// There may be nothing at the path, which then counts as such.
    package var optional = false
    package var includePatterns: [String] = []
    package var excludePatterns: [String] = []
    package var requiredPaths: [String] = []

    /// The path alone, with everything below it.
    package init(path: String) {
        self.path = path
    }
}

extension ContentSelector {
    /// Returns what a selection is known by from one build to the next: equal for equal selectors in the same order.
    package static func digest(of selectors: [ContentSelector]) -> Digest {
        var encoder = CanonicalEncoder(.cacheKey)
        encoder.append("selection")
        encoder.append(selectors) { $1.encode(into: &$0) }
        return encoder.digest
    }

    private func encode(into encoder: inout CanonicalEncoder) {
        encoder.append(path)
        for flag in [followSymlink, wildcard, allowEmptyWildcard, contentsOnly, optional] {
            encoder.append(flag)
        }
        encoder.append(includePatterns)
        encoder.append(excludePatterns)
        encoder.append(requiredPaths)
    }
}

extension Vertex {
    /// How the input at `index` enters the vertex's cache key; spec/05 §5.2 and §5.3.
    package func inputKeyKind(_ index: Int) -> InputKeyKind {
        operation.contentSelectors(ofInput: index).map { .content($0) } ?? .definition
    }
}

extension Operation {
    /// What counts of an input that counts by content; `nil` for one that counts by its key.
    func contentSelectors(ofInput index: Int) -> [ContentSelector]? {
        switch self {
        case .source, .merge, .diff: nil
        case .exec(let exec): exec.contentSelectors(ofInput: index)
        case .file(let file): file.contentSelectors(ofInput: index)
        }
    }
}

extension ExecOperation {
    /// An input counts by content if it is only ever bind mounted and never as the root.
    func contentSelectors(ofInput index: Int) -> [ContentSelector]? {
        var selectors: [ContentSelector] = []
        for mount in mounts where mount.input == index {
            guard case .bind(let bind) = mount.kind, mount.target != "/" else { return nil }
            selectors.append(ContentSelector(path: bind.source))
        }
        return selectors.isEmpty ? nil : selectors
    }
}

extension FileOperation {
    /// Input 0, which the actions change, counts by its key; the others by what is copied or looked up.
    func contentSelectors(ofInput index: Int) -> [ContentSelector]? {
        guard index != 0 else { return nil }
        var selectors: [ContentSelector] = []
        for action in actions where action.referencedInputs.contains(index) {
            if case .copy(let copy) = action, copy.input == index {
                selectors.append(copy.selector)
            }
            if let owner = action.owner, owner.referencedInputs.contains(index) {
                selectors.append(contentsOf: Owner.databases)
            }
        }
        return selectors.isEmpty ? nil : selectors
    }
}

extension CopyAction {
    /// What the copy takes of its input.
    package var selector: ContentSelector {
        var selector = ContentSelector(path: source)
        selector.followSymlink = options.followSymlink
        selector.wildcard = options.allowWildcard
        selector.allowEmptyWildcard = options.allowEmptyWildcard
        selector.contentsOnly = options.contentsOnly
        selector.includePatterns = includePatterns
        selector.excludePatterns = excludePatterns
        selector.requiredPaths = requiredPaths
        return selector
    }
}

extension Owner {
    /// Where names are looked up.
    fileprivate static let databases = ["/etc/passwd", "/etc/group"].map { path in
        var selector = ContentSelector(path: path)
        selector.optional = true
        return selector
    }
}
