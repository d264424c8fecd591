import Archive
import LinuxSystem

/// The form of a listing: zstd of a magic text, then for each entry the number of bytes that its path shares with the
/// one before, the rest of the path, its kind, four numbers (permissions, owner, group, size), content and attributes; at
/// last a path that shares more than there is.
enum ContentListingCoder {
    private static let magic = Array("swbuild listing 1\n".utf8)
    /// Shared bytes that no entry has: the end.
    private static let end: UInt64 = 1 << 32

    static func begin(_ fields: inout FieldWriter) { fields.append(magic) }

    static func append(_ entry: ContentEntry, after previous: Path, to fields: inout FieldWriter) {
        let shared = zip(entry.path.bytes, previous.bytes).prefix { $0 == $1 }.count
        fields.append(number: UInt64(shared))
        fields.append(framed: Array(entry.path.bytes.dropFirst(shared)))
        fields.append(number: UInt64(entry.kind.rawValue))
        for number in [UInt64(entry.permissions), UInt64(entry.uid), UInt64(entry.gid), UInt64(max(0, entry.size))] {
            fields.append(number: number)
        }
        fields.append(framed: entry.content)
        fields.append(framed: entry.attributes)
    }

    static func finish(_ fields: inout FieldWriter) { fields.append(number: end) }

    /// False where the listing ends before its end.
    static func read(_ file: consuming FileDescriptor, _ body: (ContentEntry) throws -> Void) throws -> Bool {
        var source = FieldSource(
            try DecompressingSource(FileSource(file), layer: .zstd),
            limit: ContentListings.limit
        )
        guard try source.bytes(magic.count) == magic else { return false }
        var previous: [UInt8] = []
        while let shared = try source.number() {
            if shared == end { return true }
            guard shared <= previous.count, let rest = try framed(&source), let raw = try source.number(),
                let kind = FileKind(rawValue: UInt8(truncatingIfNeeded: raw)), let numbers = try numbers(&source),
                let content = try framed(&source), let attributes = try framed(&source)
            else { return false }
            previous = previous.prefix(Int(shared)) + rest
            let path = Path(bytes: previous)
            try body(ContentEntry(path, kind: kind, numbers: numbers, content: content, attributes: attributes))
        }
        return false
    }

    private static func framed(_ source: inout FieldSource) throws -> [UInt8]? {
        guard let count = try source.number(), count <= 1 << 20 else { return nil }
        return try source.bytes(Int(count))
    }

    private static func numbers(_ source: inout FieldSource) throws -> [UInt64]? {
        var numbers: [UInt64] = []
        for _ in 0..<4 {
            guard let number = try source.number() else { return nil }
            numbers.append(number)
        }
        return numbers
    }
}
