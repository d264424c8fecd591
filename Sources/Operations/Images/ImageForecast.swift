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
/// it gets is an answer of now, not of then: only the question is remembered.
package final class ImageForecast: Sendable {
    /// What a reference names now, and what is known of it from earlier builds.
    struct Answer: Sendable {
        let root: Descriptor
        let image: Frontend.ResolvedImage?
    }

    private struct Question: Hashable, CustomStringConvertible {
        let reference: ImageReference
        let platform: Platform

        init(_ reference: ImageReference, _ platform: Platform) {
            self.reference = reference
            self.platform = platform
        }

        init?(_ line: String) {
            let fields = line.split(separator: " ", maxSplits: 1).map(String.init)
            guard fields.count == 2, let platform = try? Platform(parsing: fields[0]),
                let reference = try? ImageReference(parsing: fields[1])
            else { return nil }
            self.init(reference, platform)
        }

        var description: String { "\(platform) \(reference)" }
    }

    private let key: String
    private let expected: [String]
    private let answers: [Question: Task<Answer, any Error>]
    private let asked = Mutex<Set<String>>([])

    /// Begins to ask what is kept `below` a cache directory that is just being opened; `key` stands for the words and the
    /// directory.
    package init(
        _ key: String,
        below root: Path?,
        registry: RegistryClient,
        opening: Task<CacheDirectory, any Error>
    ) {
        self.key = key
        expected = root.flatMap { Forecasts(below: $0) }?.lines(key) ?? []
        var answers: [Question: Task<Answer, any Error>] = [:]
        for question in expected.compactMap(Question.init) {
            answers[question] = Task.detached {
                let root = try await registry.resolve(question.reference)
                let catalog = ImageCatalog(cache: try await opening.value, registry: registry, forecast: nil)
                return Answer(root: root, image: try catalog.stored(root: root.digest, platform: question.platform))
            }
        }
        self.answers = answers
    }

    deinit {
        for answer in answers.values { answer.cancel() }
    }

    /// What a reference names now; nil where that was not asked early or the question failed, so that it must be asked
    /// again.
    func answer(for reference: ImageReference, _ platform: Platform) async -> Answer? {
        let question = Question(reference, platform)
        _ = asked.withLock { $0.insert(question.description) }
        guard let answer = answers[question] else { return nil }
        return await withTaskCancellationHandler {
            try? await answer.value
        } onCancel: {
            answer.cancel()
        }
    }

    /// Remembers what was asked for, where that is not what was expected.
    package func remember(in cache: CacheDirectory) {
        let questions = asked.withLock(\.self).sorted()
        if questions != expected { cache.forecasts.keep(questions, for: key) }
    }
}
