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
    private let questions: [Question: Task<Descriptor, any Error>]
    private let answers = Mutex<[Question: Task<Answer, any Error>]>([:])
    private let asked = Mutex<Set<String>>([])

    /// Begins to ask what is kept below a cache directory that is not yet open; `key` stands for the words and the
    /// directory.
    package init(_ key: String, below root: Path?, registry: RegistryClient) {
        self.key = key
        expected = root.flatMap { Forecasts(below: $0) }?.lines(key) ?? []
        var questions: [Question: Task<Descriptor, any Error>] = [:]
        for question in expected.compactMap(Question.init) {
            questions[question] = Task.detached { try await registry.resolve(question.reference) }
        }
        self.questions = questions
    }

    /// Looks up what is known of the images as the answers come; to be called before anything asks for one.
    package func lookUp(in cache: CacheDirectory, registry: RegistryClient) {
        let catalog = ImageCatalog(cache: cache, registry: registry, forecast: nil)
        for (question, task) in questions {
            let answer = Task.detached {
                let root = try await task.value
                return Answer(root: root, image: try catalog.stored(root: root.digest, platform: question.platform))
            }
            answers.withLock { $0[question] = answer }
        }
    }

    deinit {
        for question in questions.values { question.cancel() }
    }

    /// What a reference names now; nil where that was not asked early or the question failed, so that it must be asked
    /// again.
    func answer(for reference: ImageReference, _ platform: Platform) async -> Answer? {
        let question = Question(reference, platform)
        _ = asked.withLock { $0.insert(question.description) }
        guard let answer = answers.withLock({ $0[question] }) else { return nil }
        return await withTaskCancellationHandler {
            try? await answer.value
        } onCancel: {
            questions[question]?.cancel()
        }
    }

    /// Remembers what was asked for, where that is not what was expected.
    package func remember(in cache: CacheDirectory) {
        let questions = asked.withLock(\.self).sorted()
        if questions != expected { cache.forecasts.keep(questions, for: key) }
    }
}
