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
        /// What the answer was then.
        let supposed: Digest?
        let answer = Deferred<Descriptor>()
        let task: Task<Void, Never>

        init(_ line: Line, _ registry: RegistryClient) {
            platform = line.platform
            supposed = line.root
            task = Task.detached(executorPreference: registry.executor) { [answer] in
                do {
                    answer.set(.success(try await registry.resolve(line.reference)))
                } catch {
                    answer.set(.failure(error))
                }
            }
        }
    }

    private let key: String
    private let expected: [String]
    private let inquiries: [String: Inquiry]
    /// What is known of the images of then.
    private let suppositions = Mutex<[String: Task<Frontend.ResolvedImage?, Never>]>([:])
    /// What the build asked, with what the answer was.
    private let asked = Mutex<[String: String]>([:])

    /// Begins to ask what is kept below the `root` of a cache directory that need not be open yet; `key` stands for the
    /// words and the directory.
    package init(_ key: String, below root: Path?, registry: RegistryClient) {
        self.key = key
        expected = root.flatMap { Forecasts(below: $0) }?.lines(key) ?? []
        var inquiries: [String: Inquiry] = [:]
        for line in expected.compactMap(Line.init) {
            inquiries[Self.question(line.reference, line.platform)] = Inquiry(line, registry)
        }
        self.inquiries = inquiries
    }

    deinit {
        for inquiry in inquiries.values { inquiry.task.cancel() }
    }

    /// Looks up what is known of the images of then, before anything asks for one.
    package func lookUp(in catalog: ImageCatalog) {
        for (question, inquiry) in inquiries {
            guard let root = inquiry.supposed else { continue }
            let task = Task.detached { try? catalog.stored(root: root, platform: inquiry.platform) }
            suppositions.withLock { $0[question] = task }
        }
    }

    /// Whether registries are still being asked.
    package var isAsking: Bool { inquiries.values.contains { !$0.answer.isKnown } }

    /// What is known of what a reference named then; nil where that is not `root`, if there is one.
    func supposition(
        _ reference: ImageReference,
        _ platform: Platform,
        ifStill root: Digest? = nil
    ) async -> Frontend.ResolvedImage? {
        let question = Self.question(reference, platform)
        if let root, inquiries[question]?.supposed != root { return nil }
        return await suppositions.withLock { $0[question] }?.value
    }

    /// What a reference names now; nil where that was not asked early or the question failed, so that it must be asked
    /// again.
    func answer(for reference: ImageReference, _ platform: Platform) async -> Descriptor? {
        let question = Self.question(reference, platform)
        asked.withLock { $0[question] = "" }
        guard let inquiry = inquiries[question] else { return nil }
        return await withTaskCancellationHandler {
            try? await inquiry.answer.value
        } onCancel: {
            inquiry.task.cancel()
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
