import CArchive
import Glibc
import LinuxSystem

/// Reads a tar stream of any dialect (v7, ustar, PAX, GNU with sparse files and long names) through libarchive.
///
/// Only the tar format is enabled, and no filter: nothing is decompressed or guessed. Names keep their bytes. A stream that
/// stops inside an entry is an error that names it. Nothing at all is an empty archive.
package struct TarReader: ~Copyable {
    private let input: BufferedInput
    private let reader: LibarchiveInput
    private var current: Path?
    private var isOpen = false
    private var ended = false

    /// Reads `source` from its present place.
    package init<Source: ByteSource & ~Copyable>(_ source: consuming Source) throws {
        let input = BufferedInput(source)
        let reader = try LibarchiveInput(input)
        guard archive_read_support_format_tar(reader.archive) == ARCHIVE_OK else {
            throw ArchiveError.unsupported(format: "tar")
        }
        self.input = input
        self.reader = reader
    }

    /// The next entry, skipping what is left of the present one; nil at the end of the archive.
    package mutating func next() throws -> TarEntry? {
        if ended { return nil }
        if !isOpen {
            isOpen = true
            // libarchive does not know the empty archive that is zero bytes long.
            if try input.available().isEmpty {
                ended = true
                return nil
            }
            try reader.open()
        }
        var header: OpaquePointer?
        // For a name that it cannot convert libarchive looks at errno, which may be left over from anything.
        errno = 0
        let code = archive_read_next_header(reader.archive, &header)
        try reader.throwSourceFailure()
        if code == ARCHIVE_EOF {
            ended = true
            current = nil
            return nil
        }
        guard code == ARCHIVE_OK || isHarmless(code), let header else { throw failure(reader.message) }
        let entry = try self.entry(header)
        current = entry.path
        return entry
    }

    /// A piece of the entry's content.
    package struct Chunk {
        /// Where the piece belongs; what lies between pieces is a hole.
        package var offset: Int64
        /// Valid until the next call to the reader.
        package var bytes: UnsafeRawBufferPointer
    }

    /// The next piece of the content without copying it; nil at its end.
    package mutating func nextChunk() throws -> Chunk? {
        var block: UnsafeRawPointer?
        var count = 0
        var offset: la_int64_t = 0
        let code = archive_read_data_block(reader.archive, &block, &count, &offset)
        try reader.throwSourceFailure()
        if code == ARCHIVE_EOF { return nil }
        guard code == ARCHIVE_OK else { throw failure(reader.message) }
        return Chunk(offset: Int64(offset), bytes: UnsafeRawBufferPointer(start: block, count: count))
    }

    /// Reads content into `buffer`, holes as zeros; 0 at its end.
    package mutating func readData(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = archive_read_data(reader.archive, buffer.baseAddress, buffer.count)
        try reader.throwSourceFailure()
        guard count >= 0 else { throw failure(reader.message) }
        return count
    }

    /// Reads the whole content of the present entry, at most `limit` bytes.
    package mutating func readAll(limit: Int = 64 << 20) throws -> [UInt8] {
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = try buffer.withUnsafeMutableBytes { try readData(into: $0) }
            if count == 0 { return content }
            guard content.count + count <= limit else { throw failure("content is larger than \(limit) bytes") }
            content.append(contentsOf: buffer[..<count])
        }
    }

    /// Reads the source to its end, over the padding and whatever else follows the archive.
    package mutating func drain() throws {
        while try !input.available().isEmpty { input.consume(try input.available().count) }
    }

    /// A warning only says that a name is not text in the locale; the bytes are there all the same.
    private func isHarmless(_ code: Int32) -> Bool {
        code == ARCHIVE_WARN && reader.message.contains("be converted")
    }

    private func failure(_ detail: String) -> ArchiveError {
        .tar(after: current, detail: detail)
    }

    private func entry(_ header: OpaquePointer) throws -> TarEntry {
        guard let name = archive_entry_pathname(header) else { throw failure("entry without a name") }
        let path = Path(cString: name)
        let hardLink = archive_entry_hardlink(header).map(Path.init(cString:))
        guard let kind = hardLink != nil ? .hardLink : Self.kind(archive_entry_filetype(header)) else {
            throw ArchiveError.tar(after: path, detail: "unknown kind of entry")
        }
        var entry = TarEntry(path: path, kind: kind, permissions: UInt32(archive_entry_perm(header)) & 0o7777)
        entry.uid = try identifier(archive_entry_uid(header), of: path)
        entry.gid = try identifier(archive_entry_gid(header), of: path)
        entry.size = kind == .regular ? Int64(archive_entry_size(header)) : 0
        guard entry.size >= 0 else { throw ArchiveError.tar(after: path, detail: "negative size") }
        entry.modified = FileTime(
            seconds: Int64(archive_entry_mtime(header)),
            nanoseconds: UInt32(clamping: archive_entry_mtime_nsec(header))
        )
        entry.linkTarget = hardLink ?? archive_entry_symlink(header).map(Path.init(cString:))
        entry.deviceMajor = UInt32(truncatingIfNeeded: archive_entry_rdevmajor(header))
        entry.deviceMinor = UInt32(truncatingIfNeeded: archive_entry_rdevminor(header))
        entry.extendedAttributes = attributes(header)
        return entry
    }

    /// An id must be one that the kernel has: 4294967295 means "no change" to chown.
    private func identifier(_ value: la_int64_t, of path: Path) throws -> UInt32 {
        guard let id = UInt32(exactly: value), id != .max else {
            throw ArchiveError.tar(after: path, detail: "user or group id \(value) is out of range")
        }
        return id
    }

    private func attributes(_ header: OpaquePointer) -> [ExtendedAttribute] {
        guard archive_entry_xattr_reset(header) > 0 else { return [] }
        var attributes: [ExtendedAttribute] = []
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var size = 0
        while archive_entry_xattr_next(header, &name, &value, &size) == ARCHIVE_OK, let text = name {
            let bytes = Array(UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : size))
            attributes.append(ExtendedAttribute(name: Path(cString: text), value: bytes))
        }
        return attributes.sorted()
    }

    private static func kind(_ type: mode_t) -> TarEntry.Kind? {
        // AE_IF* of archive_entry.h, which are the kernel's S_IF*.
        switch type & 0o170000 {
        case 0o100000: .regular
        case 0o040000: .directory
        case 0o120000: .symlink
        case 0o020000: .characterDevice
        case 0o060000: .blockDevice
        case 0o010000: .fifo
        default: nil
        }
    }
}
