import OCI

/// What is kept of a build once it is over.
///
/// Holds no secrets: whoever makes one leaves them out.
package struct BuildRecord: Hashable, Sendable, Decodable {
    /// How a build ended.
    package enum Status: String, Hashable, Sendable, Decodable {
        case completed
        case failed
        case canceled
    }

    /// Something that was written.
    package struct Output: Hashable, Sendable, Decodable {
        /// The type as in `-o type=…`.
        package var type: String
        /// The path; nil for standard output and for what has none.
        package var destination: String?
        /// The image's manifest or index; nil where no image was made.
        package var digest: String?
        /// The image's names, in full form.
        package var names: [String]

        package init(type: String, destination: String?, digest: String?, names: [String]) {
            self.type = type
            self.destination = destination
            self.digest = digest
            self.names = names
        }
    }

    /// Twenty-five random letters and digits.
    package var id: String
    /// What was built, in a few words, as `buildx history` names it.
    package var name: String
    package var status: Status
    package var startedAt: Timestamp
    /// How long it took.
    package var nanoseconds: Int64
    package var definition: BuildRecordDefinition
    /// The parts of all steps' keys, each once.
    package var parts: [StepRecord.Part] = []
    /// In the order in which they began; those that never did come last.
    package var steps: [StepRecord] = []
    package var outputs: [Output] = []
    /// What the build failed with, in one line.
    package var error: String?

    package init(
        id: String,
        name: String,
        status: Status,
        startedAt: Timestamp,
        nanoseconds: Int64,
        definition: BuildRecordDefinition
    ) {
        self.id = id
        self.name = name
        self.status = status
        self.startedAt = startedAt
        self.nanoseconds = nanoseconds
        self.definition = definition
    }

    /// The parts of a step's key.
    package func parts(of step: StepRecord) -> [StepRecord.Part] {
        step.parts.compactMap { parts.indices.contains($0) ? parts[$0] : nil }
    }

    /// The step whose result an input is; nil for an empty tree.
    package func step(of input: StepRecord.Input) -> StepRecord? {
        input.step.flatMap { steps.indices.contains($0) ? steps[$0] : nil }
    }

    /// The digests of the contents that keys of this build are made of.
    package var contents: [String] {
        let digests = steps.flatMap(\.inputs).filter { $0.kind == .content }.compactMap(\.digest)
        return Set(digests).sorted()
    }
}

/// What was asked to be built.
package struct BuildRecordDefinition: Hashable, Sendable, Decodable {
    /// The directory in which the command ran.
    package var directory: String
    /// An absolute path, a URL without credentials, or `-`.
    package var context: String
    /// The Dockerfile as it was named.
    package var dockerfile: String
    /// The digest of its bytes; nil where it was not read.
    package var dockerfileDigest: String?
    package var target: String?
    package var platforms: [String] = []
    /// Named contexts, without credentials.
    package var contexts: [String: String] = [:]
    /// Build arguments; a value that may be a secret is `*****`.
    package var buildArguments: [String: String] = [:]
    package var labels: [String: String] = [:]
    /// How owners and snapshots were kept, which every key depends on: `range`, `ledger plain`.
    package var scope: String?
    /// The other options that were given, by their long name: `--network`.
    package var options: [String: [String]] = [:]

    package init(directory: String, context: String, dockerfile: String) {
        self.directory = directory
        self.context = context
        self.dockerfile = dockerfile
    }
}
