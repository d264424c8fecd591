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
    private let key: String
    private let expected: [String]
    private let questions: [ImageReference: Task<Descriptor, any Error>]
    private let asked = Mutex<Set<String>>([])

    /// Begins to ask; `key` stands for the words and the directory.
    package init(_ key: String, cache: CacheDirectory, registry: RegistryClient) {
        self.key = key
        expected = (try? cache.database.forecast(key)) ?? []
        var questions: [ImageReference: Task<Descriptor, any Error>] = [:]
        for reference in expected.compactMap({ try? ImageReference(parsing: $0) }) {
            questions[reference] = Task.detached { try await registry.resolve(reference) }
        }
        self.questions = questions
    }

    deinit {
        for question in questions.values { question.cancel() }
    }

    /// What a reference names now; nil where that was not asked early or the question failed, so that it must be asked
    /// again.
    func answer(for reference: ImageReference) async -> Descriptor? {
        _ = asked.withLock { $0.insert(reference.description) }
        guard let question = questions[reference] else { return nil }
        return await withTaskCancellationHandler {
            try? await question.value
        } onCancel: {
            question.cancel()
        }
    }

    /// Remembers what was asked for, where that is not what was expected.
    package func remember(in cache: CacheDirectory) {
        let images = asked.withLock(\.self).sorted()
        // A forecast that is not kept costs the next build some milliseconds.
        if images != expected { try? cache.database.setForecast(images, for: key) }
    }
}
