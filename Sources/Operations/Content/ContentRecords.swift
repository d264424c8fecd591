import LinuxSystem
import OCI
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
    /// When the visited directories were last changed.
    var directories: [Path: FileTime] = [:]

    /// Whether so much has come together that it should be hashed.
    var isLarge: Bool { bytes.count > 1 << 17 }

    mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func append(_ more: [UInt8]) { bytes.append(contentsOf: more) }

    /// Adds bytes with their number in front, so that no two lists of fields look the same.
    mutating func append(framed more: [UInt8]) {
        append("\(more.count):")
        append(more)
    }

    /// Adds a place for a hash.
    mutating func appendGap() -> Gap {
        let gap = Gap()
        gaps.append((bytes.count, gap))
        return gap
    }

    /// Hashes everything so far; all gaps must be filled.
    mutating func flush() {
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
