import OCI
import Synchronization

/// Blobs that were not what their digests say, and were removed.
package final class DroppedBlobs: Sendable {
    private let state = Mutex<[Digest]>([])

    init() {}

    func add(_ digest: Digest) {
        state.withLock { if !$0.contains(digest) { $0.append(digest) } }
    }

    /// All of them, in the order in which they were found.
    package var digests: [Digest] { state.withLock(\.self) }
}
