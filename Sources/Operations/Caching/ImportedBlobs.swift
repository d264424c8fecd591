import LinuxSystem
import OCI
import Registry
import Storage

/// Brings blobs of caches elsewhere into the content store, unpacked by nobody.
package struct ImportedBlobs: Sendable {
    private let context: OperationContext

    package init(_ context: OperationContext) {
        self.context = context
    }

    /// Fetches a blob, checked, unless it is there.
    package func fetch(_ descriptor: Descriptor, of cache: ImportedCache) async throws {
        let store = context.cache.content
        if try store.contains(descriptor.digest) { return }
        switch cache.origin {
        case .registry(let reference):
            var writer = try store.makeWriter(algorithm: descriptor.digest.algorithm)
            for try await chunk in context.registry.blob(descriptor, of: reference) {
                try chunk.withUnsafeBytes { try writer.write($0) }
            }
            _ = try writer.commit(digest: descriptor.digest, size: descriptor.size)
        case .layout(let path):
            try await BlockingThread.run("copy blob") { _ in try OCILayout(path).copy(descriptor, into: store) }
        }
    }
}
