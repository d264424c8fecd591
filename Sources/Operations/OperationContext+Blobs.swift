import LinuxSystem
import OCI
import Registry
import Storage

// Blobs that go between the content store and registries as they are.
extension OperationContext {
    /// Fetches a blob of a registry into the content store, checked, unless it is there.
    func fetch(_ descriptor: Descriptor, of reference: ImageReference) async throws {
        if try cache.content.contains(descriptor.digest) { return }
        var writer = try cache.content.makeWriter(algorithm: descriptor.digest.algorithm)
        do {
            for try await chunk in registry.blob(descriptor, of: reference) {
                try chunk.withUnsafeBytes { try writer.write($0) }
            }
        } catch {
            try Task.checkCancellation()
            throw LayerFailure(layer: descriptor.digest, cause: error)
        }
        _ = try writer.commit(digest: descriptor.digest, size: descriptor.size)
    }

    /// Puts a blob of the content store into a registry, unless it is there; one that turns out to be damaged is removed.
    package func push(_ descriptor: Descriptor, to reference: ImageReference) async throws {
        let store = cache.content
        do {
            let source = try UploadSource(store.open(descriptor.digest, size: descriptor.size))
            try await registry.pushBlob(descriptor, to: reference, from: source)
        } catch {
            // The registry refuses what is not what its digest says.
            try Task.checkCancellation()
            _ = try await BlockingThread.run("check") { _ in try store.isSound(descriptor.digest) }
            throw error
        }
    }
}
