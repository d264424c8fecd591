import Frontend
import LinuxSystem
import OCI
import Registry
import Storage
import Synchronization

/// Asks registries early for what a build will most likely ask for: the images that the last build of the same words in the
/// same directory asked for.
///
/// Such a build knows its words before it knows what they mean; parsing them takes as long as a registry's answer. What
/// it gets is an answer of now. That of then is remembered, too: what it leads to can be looked up while the registry is
/// asked, and is used if the answer is still the same.
package final class ImageForecast: Sendable {
    /// What a reference names now, and what is known of it from earlier builds.
    struct Answer: Sendable {
        let root: Descriptor
        let image: Frontend.ResolvedImage?
    }

    /// What was asked, and what the answer was if there was one; as a line of a file.
    private struct Line {
        let reference: ImageReference
        let platform: Platform
        let root: Digest?

        init?(_ line: String) {
            let fields = line.split(separator: " ", maxSplits: 2).map(String.init)
            guard fields.count >= 2, let platform = try? Platform(parsing: fields[0]),
                let reference = try? ImageReference(parsing: fields[1])
            else { return nil }
            self.reference = reference
            self.platform = platform
            root = fields.count == 3 ? try? Digest(fields[2]) : nil
        }
    }

    /// A question, as lines begin with it.
    private static func question(_ reference: ImageReference, _ platform: Platform) -> String {
        "\(platform) \(reference)"
    }

    /// A question that was asked early.
    private struct Inquiry: Sendable {
        let platform: Platform
        let supposed: Digest?
        let task: Task<Descriptor, any Error>
    }

    /// What comes of an inquiry once the cache is open.
    private struct Outcome: Sendable {
        /// What is known of the image of then.
        let supposition: Task<Frontend.ResolvedImage?, Never>
        let answer: Task<Answer, any Error>
    }

    private let key: String
    private let expected: [String]
    private let inquiries: [String: Inquiry]
    private let outcomes = Mutex<[String: Outcome]>([:])
    /// What the build asked, with what the answer was.
    private let asked = Mutex<[String: String]>([:])
    private let missing: Mutex<Int>

    /// Begins to ask what is kept below a cache directory that is not yet open; `key` stands for the words and the
    /// directory.
    package init(_ key: String, below root: Path?, registry: RegistryClient) {
        self.key = key
        expected = root.flatMap { Forecasts(below: $0) }?.lines(key) ?? []
        var inquiries: [String: Inquiry] = [:]
        for line in expected.compactMap(Line.init) {
            let task = Task.detached { try await registry.resolve(line.reference) }
            let question = Self.question(line.reference, line.platform)
            inquiries[question] = Inquiry(platform: line.platform, supposed: line.root, task: task)
        }
        self.inquiries = inquiries
        missing = Mutex(inquiries.count)
    }

    deinit {
        for inquiry in inquiries.values { inquiry.task.cancel() }
    }

    /// Looks up what is known of the images, and of others as the answers come; to be called before anything asks for one.
    package func lookUp(in cache: CacheDirectory, registry: RegistryClient) {
        let catalog = ImageCatalog(cache: cache, registry: registry, forecast: nil)
        for (question, inquiry) in inquiries {
            let supposition = Task.detached { () -> Frontend.ResolvedImage? in
                guard let root = inquiry.supposed else { return nil }
                return try? catalog.stored(root: root, platform: inquiry.platform)
            }
            let answer = Task.detached { [weak self] in
                defer { self?.missing.withLock { $0 -= 1 } }
                let root = try await inquiry.task.value
                if root.digest == inquiry.supposed, let image = await supposition.value {
                    return Answer(root: root, image: image)
                }
                return Answer(root: root, image: try catalog.stored(root: root.digest, platform: inquiry.platform))
            }
            outcomes.withLock { $0[question] = Outcome(supposition: supposition, answer: answer) }
        }
    }

    /// Whether registries are still being asked.
    package var isAsking: Bool { missing.withLock { $0 > 0 } }

    /// What a reference named then; nil where that is not known.
    package func supposition(_ reference: ImageReference, _ platform: Platform) async -> Frontend.ResolvedImage? {
        let question = Self.question(reference, platform)
        return await outcomes.withLock { $0[question] }?.supposition.value
    }

    /// What a reference names now; nil where that was not asked early or the question failed, so that it must be asked
    /// again.
    func answer(for reference: ImageReference, _ platform: Platform) async -> Answer? {
        let question = Self.question(reference, platform)
        asked.withLock { $0[question] = "" }
        guard let outcome = outcomes.withLock({ $0[question] }) else { return nil }
        return await withTaskCancellationHandler {
            try? await outcome.answer.value
        } onCancel: {
            inquiries[question]?.task.cancel()
        }
    }

    /// Remembers what a reference was found to name.
    func note(_ root: Digest, for reference: ImageReference, _ platform: Platform) {
        asked.withLock { $0[Self.question(reference, platform)] = " \(root)" }
    }

    /// Keeps what was asked for, where that is not what was expected.
    package func remember(in cache: CacheDirectory) {
        let lines = asked.withLock { $0.map { $0.key + $0.value } }.sorted()
        if lines != expected { cache.forecasts.keep(lines, for: key) }
    }
}
