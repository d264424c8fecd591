import OCI
import Storage
import Synchronization

/// Writes the listing of a content while it is digested; what goes wrong loses the listing and nothing else.
final class ContentLister: Sendable {
    private let writer: Mutex<ContentListingWriter?>

    /// A listing among `listings`; nil where none can be begun.
    init?(_ listings: ContentListings) {
        guard let writer = try? listings.makeWriter() else { return nil }
        self.writer = Mutex(consume writer)
    }

    /// Adds entries.
    func append(_ entries: [ContentEntry]) {
        writer.withLock { writer in
            do {
                for entry in entries { try writer?.append(entry) }
            } catch {
                writer = nil
            }
        }
    }

    /// Makes the listing visible as that of `content`.
    func finish(_ content: Digest) {
        writer.withLock { writer in
            let finished = writer.take()
            try? finished?.finish(content)
        }
    }
}
