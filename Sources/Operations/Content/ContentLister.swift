import OCI
import Storage
import Synchronization

/// Writes the listing of a content while it is digested or copied; what goes wrong loses the listing and nothing else.
final class ContentLister: Sendable {
    private let writer: Mutex<ContentListingWriter?>
    /// The content that is listed, where that is known before.
    private let content: Digest?

    /// A listing among `listings`; nil where none can be begun, or `content` has one.
    init?(_ listings: ContentListings, of content: Digest? = nil) {
        if let content, listings.contains(content) { return nil }
        guard let writer = try? listings.makeWriter() else { return nil }
        self.writer = Mutex(consume writer)
        self.content = content
    }

    /// Adds entries.
    func append(_ entries: [ContentEntry]) {
        for entry in entries { append(entry) }
    }

    /// Adds an entry.
    func append(_ entry: ContentEntry) {
        writer.withLock { writer in
            do {
                try writer?.append(entry)
            } catch {
                writer = nil
            }
        }
    }

    /// Ends it: there will be no listing.
    func abandon() { writer.withLock { $0 = nil } }

    /// Makes the listing visible as that of the content that was known before.
    func finish() {
        if let content { finish(content) }
    }

    /// Makes the listing visible as that of `content`.
    func finish(_ content: Digest) {
        writer.withLock { writer in
            let finished = writer.take()
            try? finished?.finish(content)
        }
    }
}
