import OCI

/// One operation on given inputs.
///
/// Its result is one tree of files.
package struct Vertex: Hashable, Sendable {
    /// The digest of the operation, the platform and the inputs; equal sub-builds have equal ids.
    package let id: Digest
    package let operation: Operation
    package let inputs: [VertexInput]
    /// What a process runs on; `nil` where the operation does not depend on it.
    package let platform: Platform?
    /// What is not part of the identity.
    package internal(set) var metadata: VertexMetadata

    /// A vertex whose id follows from `operation`, `inputs` and `platform`.
    package init(
        operation: Operation,
        inputs: [VertexInput] = [],
        platform: Platform? = nil,
        metadata: VertexMetadata
    ) {
        self.operation = operation
        self.inputs = inputs
        self.platform = platform
        self.metadata = metadata
        id = Vertex.identity(operation: operation, inputs: inputs, platform: platform)
    }

    /// The text that progress shows, for instance `[2/3] RUN make`.
    package var name: String { metadata.name }
    /// Whether the vertex runs even if there is a stored result.
    package var ignoreCache: Bool { metadata.ignoreCache }
    /// Where the vertex is written, if it is written anywhere.
    package var location: SourceLocation? { metadata.location }
}

/// What a vertex works on.
package enum VertexInput: Hashable, Sendable {
    /// An empty tree.
    case scratch
    /// The result of another vertex.
    case vertex(Digest)

    /// The id of the vertex, if it is one.
    package var vertex: Digest? {
        switch self {
        case .scratch: nil
        case .vertex(let id): id
        }
    }
}

/// What is told about a vertex without being part of its identity.
package struct VertexMetadata: Hashable, Sendable {
    package var name: String
    package var ignoreCache: Bool
    package var location: SourceLocation?

    /// Metadata of a vertex shown as `name`, without the credentials of URLs.
    package init(name: String, ignoreCache: Bool = false, location: SourceLocation? = nil) {
        self.name = name.withoutURLCredentials
        self.ignoreCache = ignoreCache
        self.location = location
    }

    /// Adds what `other` says of an equal vertex: a wish to ignore the cache is never lost.
    mutating func merge(_ other: VertexMetadata) {
        ignoreCache = ignoreCache || other.ignoreCache
        location = location ?? other.location
    }
}

/// Lines of a build definition.
package struct SourceLocation: Hashable, Sendable {
    /// The name of the file as shown to the user.
    package var file: String
    /// The first and last line, counted from 1.
    package var lines: ClosedRange<Int>

    /// The given `lines` of `file`.
    package init(file: String, lines: ClosedRange<Int>) {
        self.file = file
        self.lines = lines
    }
}
