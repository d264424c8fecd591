import OCI

/// What is kept of one step of a build.
package struct StepRecord: Hashable, Sendable, Decodable {
    /// What became of a step.
    package enum Outcome: String, Hashable, Sendable, Decodable {
        /// Its result was in the cache.
        case hit
        /// It ran to its end.
        case ran
        case failed
        case canceled
        /// It was never reached.
        case pending
    }

    /// One of the things that count for a key apart from the inputs.
    package struct Part: Hashable, Sendable {
        /// `environment`, `mount`, `image`, `source` or `setting`.
        package var kind: String
        package var name: String
        /// `*****` where it may be a secret.
        package var value: String

        package init(kind: String, name: String, value: String) {
            self.kind = kind
            self.name = name
            self.value = value
        }
    }

    /// What an input contributes to a key.
    package struct Input: Hashable, Sendable, Decodable {
        package enum Kind: String, Hashable, Sendable, Decodable {
            /// An empty tree.
            case scratch
            /// The key of the step whose result it is.
            case key
            /// The digest of what is selected of it.
            case content
        }

        package var kind: Kind
        package var digest: String?
        /// The index of the step whose result it is.
        package var step: Int?

        package init(kind: Kind, digest: String?, step: Int?) {
            self.kind = kind
            self.digest = digest
            self.step = step
        }
    }

    /// The digest that names the vertex in this build.
    package var vertex: String
    /// As progress shows it.
    package var name: String
    /// The instruction as it is written; nil where none made the step.
    package var text: String?
    /// The file and the lines of the instruction, counted from 1.
    package var file: String?
    package var line: Int?
    package var lastLine: Int?
    package var outcome: Outcome
    /// Nanoseconds from the start of the build; nil where it never began or never ended.
    package var start: Int64?
    package var end: Int64?
    /// What the step failed with.
    package var error: String?
    /// Whether it was to run whatever the cache held.
    package var ignoresCache: Bool?
    /// Its key; nil where nothing is stored under one, or where it never became known.
    package var key: String?
    /// The digest of all that counts apart from the inputs.
    package var identity: String?
    /// Indices into the build's parts.
    package var parts: [Int] = []
    package var inputs: [Input] = []

    package init(vertex: String, name: String, outcome: Outcome) {
        self.vertex = vertex
        self.name = name
        self.outcome = outcome
    }

    /// Whether the step is one of the definition's, and not of the builder's own.
    package var isOfDefinition: Bool { key != nil || line != nil }

    /// What is shown in place of a value that may be a secret.
    package static let hidden = "*****"
}

extension StepRecord.Part: Decodable {
    package init(from decoder: any Decoder) throws {
        var fields = try decoder.unkeyedContainer()
        kind = try fields.decode(String.self)
        name = try fields.decode(String.self)
        value = try fields.decode(String.self)
    }
}
