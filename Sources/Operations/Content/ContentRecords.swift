import LinuxSystem
import OCI
import Storage
import Synchronization

/// What is hashed of a tree, in its order, with gaps for the hashes of files that are still being read.
struct ContentRecords {
    /// A hash that another thread finds out.
    final class Gap: Sendable {
        private let value = Mutex<[UInt8]>([])

        func fill(_ hash: [UInt8]) { value.withLock { $0 = hash } }

        fileprivate var hash: [UInt8] { value.withLock(\.self) }
    }

    private var bytes: [UInt8] = []
    /// The gaps with the number of bytes before each.
    private var gaps: [(position: Int, gap: Gap)] = []
    private var hasher = DigestHasher()
    /// The entries for the listing, with the gaps that their hashes will be in.
    private var entries: [(entry: ContentEntry, gap: Gap?)] = []
    private let lister: ContentLister?
    /// When the visited directories were last changed.
    var directories: [Path: FileTime] = [:]

    /// Records of which `lister`, if there is one, gets the entries.
    init(lister: ContentLister? = nil) {
        self.lister = lister
    }

    /// Whether a listing is made.
    var isListed: Bool { lister != nil }

    /// Whether so much has come together that it should be hashed.
    var isLarge: Bool { bytes.count > 1 << 17 }

    mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// Adds a number in decimal, and `end`.
    mutating func append(_ number: some FixedWidthInteger & UnsignedInteger, then end: UInt8? = UInt8(ascii: " ")) {
        let start = bytes.count
        var rest = UInt64(number)
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
        if let end { bytes.append(end) }
    }

    mutating func append(_ more: [UInt8]) { bytes.append(contentsOf: more) }

    /// Adds bytes with their number in front, so that no two lists of fields look the same.
    mutating func append(framed more: [UInt8]) {
        append(UInt(more.count), then: UInt8(ascii: ":"))
        append(more)
    }

    /// Adds the hash of a file that is as it was when it was read; false, and nothing added, where that must be done.
    mutating func append(hashOf path: Path, _ status: FileStatus, from index: FileIndex) -> Bool {
        index.append(hashOf: path, status, to: &bytes)
    }

    /// Adds a place for a hash.
    mutating func appendGap() -> Gap {
        let gap = Gap()
        gaps.append((bytes.count, gap))
        return gap
    }

    /// Adds an entry to the listing, if one is made; its content is in `gap` where it is not known yet.
    mutating func list(_ entry: ContentEntry, _ gap: Gap? = nil) {
        if isListed { entries.append((entry, gap)) }
    }

    /// Hashes everything so far; all gaps must be filled.
    mutating func flush() {
        if let lister {
            lister.append(
                entries.map { entry, gap in
                    guard let gap else { return entry }
                    var entry = entry
                    entry.content = Array(gap.hash.prefix(ContentEntry.digestSize))
                    return entry
                }
            )
            entries.removeAll(keepingCapacity: true)
        }
        bytes.withUnsafeBytes { bytes in
            var start = 0
            for (position, gap) in gaps {
                hasher.update(UnsafeRawBufferPointer(rebasing: bytes[start..<position]))
                hasher.update(gap.hash)
                start = position
            }
            hasher.update(UnsafeRawBufferPointer(rebasing: bytes[start...]))
        }
        bytes.removeAll(keepingCapacity: true)
        gaps.removeAll(keepingCapacity: true)
    }

    /// The digest of everything, flushed before.
    func digest() -> Digest { hasher.finalize() }
}
