import LinuxSystem
import OCI

/// Brings blobs of caches elsewhere into the content store, unpacked by nobody.
package struct ImportedBlobs: Sendable {
    private let context: OperationContext

    package init(_ context: OperationContext) {
        self.context = context
    }

    /// Fetches a blob, checked, unless it is there.
    package func fetch(_ descriptor: Descriptor, of cache: ImportedCache) async throws {
        switch cache.origin {
        case .registry(let reference): try await context.fetch(descriptor, of: reference)
        case .layout(let path):
            let store = context.cache.content
            if try store.contains(descriptor.digest) { return }
            try await BlockingThread.run("copy blob") { _ in try OCILayout(path).copy(descriptor, into: store) }
        }
    }
}
