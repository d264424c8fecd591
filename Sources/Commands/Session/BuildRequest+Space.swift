import LinuxSystem
import Storage

extension BuildRequest {
    /// What keeps the cache below the limit of this build; nil where there is none.
    func spaceGuard(_ cache: CacheDirectory) throws -> SpaceGuard? {
        guard let limit = storage.limit else { return nil }
        return SpaceGuard(cache, limit: limit.bytes(on: try cache.directory.descriptor.diskSpace()))
    }

    /// Runs a build while the cache is kept below the limit of it, and then removes what is too much or old.
    func withinSpace<R: Sendable>(
        _ cache: CacheDirectory,
        _ body: @Sendable @escaping () async throws -> R
    ) async throws -> R {
        let result: Result<R, any Error>
        do {
            result = .success(try await withinLimit(cache, body))
        } catch {
            result = .failure(error)
        }
        if !Task.isCancelled { await collect(cache) }
        return try result.get()
    }

    private func withinLimit<R: Sendable>(
        _ cache: CacheDirectory,
        _ body: @Sendable @escaping () async throws -> R
    ) async throws -> R {
        guard let space = try spaceGuard(cache) else { return try await body() }
        return try await space.run(body)
    }

    /// What goes wrong with old things is no failure of the build, which has ended.
    private func collect(_ cache: CacheDirectory) async {
        let limit = storage.limit
        guard (try? cache.needsCollection(limit: limit)) ?? true else { return }
        try? await BlockingThread.run("collect") { _ in try cache.collect(limit: limit) }
    }
}
