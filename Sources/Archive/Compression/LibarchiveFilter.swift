import CArchive

/// xz and bzip2, which only `ADD` meets, through libarchive's filters and its raw format.
final class LibarchiveFilter {
    private let reader: LibarchiveInput
    private let format: CompressionFormat
    private var ended = false

    init(_ input: BufferedInput, format: CompressionFormat) throws {
        self.format = format
        reader = try LibarchiveInput(input)
        // ARCHIVE_WARN would mean that libarchive starts an external program, which we never want.
        let code =
            format == .xz
            ? archive_read_support_filter_xz(reader.archive) : archive_read_support_filter_bzip2(reader.archive)
        // The raw format knows no empty file.
        guard code == ARCHIVE_OK, archive_read_support_format_raw(reader.archive) == ARCHIVE_OK,
            archive_read_support_format_empty(reader.archive) == ARCHIVE_OK
        else {
            throw ArchiveError.unsupported(format: format.rawValue)
        }
        try reader.open()
        try begin()
    }

    /// Opens the one entry of the raw format.
    private func begin() throws {
        var entry: OpaquePointer?
        let code = archive_read_next_header(reader.archive, &entry)
        try reader.throwSourceFailure()
        ended = code == ARCHIVE_EOF
        guard code == ARCHIVE_OK || ended else { throw failure }
        // libarchive unpacks xz inside xz as well; we asked for one layer (and the reader itself counts as one).
        guard archive_filter_count(reader.archive) <= 2 else {
            throw ArchiveError.corrupt(format: format.rawValue, detail: "compressed more than once")
        }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        if ended { return 0 }
        let count = archive_read_data(reader.archive, buffer.baseAddress, buffer.count)
        try reader.throwSourceFailure()
        guard count >= 0 else { throw failure }
        ended = count == 0
        return count
    }

    private var failure: ArchiveError {
        let message = reader.message
        return message.lowercased().contains("truncated")
            ? .truncated(format: format.rawValue) : .corrupt(format: format.rawValue, detail: message)
    }
}
