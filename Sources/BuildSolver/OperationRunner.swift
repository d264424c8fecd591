import BuildGraph
import BuildProgress
import OCI

/// What the solver asks of whoever knows how operations are done.
package protocol OperationRunner: Sendable {
    /// What a vertex results in, for instance a snapshot.
    associatedtype Output: Sendable

    /// Returns the digest of all that counts for the vertex's result apart from its inputs.
    ///
    /// `nil` where there can be no stored result, as for a directory of this machine; then the vertex runs in every
    /// build, and counts for others by its content. May ask the world, for instance which commit a branch is at.
    func cacheIdentity(of vertex: Vertex, progress: VertexProgress) async throws -> Digest?

    /// Whether the identity of a vertex is more than its definition says, so that ``cacheIdentity(of:progress:)`` must be
    /// asked; must be the same each time.
    func asksForIdentity(of vertex: Vertex) -> Bool

    /// Returns how an input enters the vertex's key; must be the same each time.
    func inputKeyKind(of vertex: Vertex, input: Int) -> InputKeyKind

    /// Returns the digest of what counts of `output` as the given input of `vertex`.
    ///
    /// That is what the selectors of `inputKeyKind` select; all of it where the input counts by definition, which
    /// happens where the input has no key. Asked at most once for each input of each vertex.
    func contentDigest(of output: Output, for vertex: Vertex, input: Int) async throws -> Digest

    /// Does the operation.
    ///
    /// `inputs` are those of the vertex, `nil` for an empty tree.
    ///
    /// Asked at most once for each vertex. Must return soon after its task is cancelled.
    func run(_ vertex: Vertex, inputs: [Output?], progress: VertexProgress) async throws -> Output
}

extension OperationRunner {
    /// What the definition alone says.
    package func cacheIdentity(of vertex: Vertex, progress: VertexProgress) async throws -> Digest? {
        vertex.cacheIdentity
    }

    /// Always, as far as is known here.
    package func asksForIdentity(of vertex: Vertex) -> Bool { true }

    /// What spec/05 says.
    package func inputKeyKind(of vertex: Vertex, input: Int) -> InputKeyKind {
        vertex.inputKeyKind(input)
    }
}

/// Where results are kept from one build to the next.
package protocol ResultStore: Sendable {
    /// As the runner's.
    associatedtype Output: Sendable

    /// Whether ``recalledContent(of:input:key:)`` ever knows anything.
    var recallsContents: Bool { get }

    /// Returns the result recorded for `key`; `nil` where there is none, or none any more.
    func lookup(_ key: CacheKey) async throws -> StoredResult<Output>?

    /// Waits until nobody else runs the step of `key`, in this process or another, and keeps others from it as long as
    /// what is returned lives; `nil` where nobody else could.
    ///
    /// Whoever has waited looks the result up again.
    func reserve(_ key: CacheKey) async throws -> (any Sendable)?

    /// Keeps `output` for `key`, in place of what was recorded before, and returns what is now kept: where that is what
    /// another key led to before, the store may keep that one alone.
    ///
    /// `contents` are what was found of the vertex's inputs on the way.
    func record(
        _ key: CacheKey,
        _ output: Output,
        vertex: Vertex,
        contents: [InputContent]
    ) async throws -> StoredResult<Output>

    /// What is known of the content of an input whose own key is `key`, without having it; `nil` where nothing is.
    ///
    /// What a lookup finds by it may be used; nothing is recorded by it.
    func recalledContent(of vertex: Vertex, input: Int, key: CacheKey) -> Digest?
}

extension ResultStore {
    package func reserve(_ key: CacheKey) async throws -> (any Sendable)? { nil }

    package var recallsContents: Bool { false }

    package func recalledContent(of vertex: Vertex, input: Int, key: CacheKey) -> Digest? { nil }
}

/// What counts of an input, where that has a key of its own.
package struct InputContent: Hashable, Sendable {
    /// The place of the input among those of the vertex.
    package let input: Int
    /// The input's own key.
    package let key: CacheKey
    package let digest: Digest
}

/// A result as a store has it.
package struct StoredResult<Output: Sendable>: Sendable {
    package let output: Output
    /// The key that first led to this very result, where that was another: what is built on either is the same.
    package let original: CacheKey?

    package init(_ output: Output, original: CacheKey? = nil) {
        self.output = output
        self.original = original
    }
}
