import OCI

/// Resolves each image once for a platform, several at a time, for all platforms of a build.
actor ImageLookup {
    private struct Question: Hashable {
        let image: ImageLocator
        let platform: Platform
    }

    private let resolver: any ImageResolver
    private let mode: ImageResolveMode
    private var answers: [Question: Task<ResolvedImage, any Error>] = [:]

    init(resolver: any ImageResolver, mode: ImageResolveMode) {
        self.resolver = resolver
        self.mode = mode
    }

    /// The image for a platform; whoever asks first pays for the answer.
    func resolve(_ image: ImageLocator, platform: Platform) async throws -> ResolvedImage {
        let question = Question(image: image, platform: platform)
        if let known = answers[question] { return try await known.value }
        let (resolver, mode) = (resolver, mode)
        let task = Task { try await resolver.resolve(image, platform: platform, mode: mode) }
        answers[question] = task
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }
}
