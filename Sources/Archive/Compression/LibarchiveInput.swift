import CArchive

/// A libarchive reader that pulls its bytes from a source of ours.
final class LibarchiveInput {
    let archive: OpaquePointer
    private let input: BufferedInput

    init(_ input: BufferedInput) throws(ArchiveError) {
        guard let archive = archive_read_new() else { throw .outOfMemory(format: "archive") }
        self.archive = archive
        self.input = input
    }

    deinit {
        archive_read_free(archive)
    }

    /// Starts reading; formats and filters have been chosen.
    func open() throws {
        let client = Unmanaged.passUnretained(input).toOpaque()
        let code = archive_read_open(archive, client, nil, readBlock, nil)
        try throwSourceFailure()
        guard code == ARCHIVE_OK else { throw ArchiveError.tar(after: nil, detail: message) }
    }

    /// Throws what the source threw while libarchive called it, in its own type.
    func throwSourceFailure() throws {
        if let failure = input.failure { throw failure }
    }

    /// What libarchive says about its last error.
    var message: String {
        guard let text = archive_error_string(archive) else { return "unknown error" }
        return String(cString: text)
    }
}

/// Gives libarchive the next piece of the buffer, which stays as it is until the next call.
private func readBlock(
    _ archive: OpaquePointer?,
    _ client: UnsafeMutableRawPointer?,
    _ block: UnsafeMutablePointer<UnsafeRawPointer?>?
) -> la_ssize_t {
    guard let client, let block else { return la_ssize_t(ARCHIVE_FATAL) }
    let input = Unmanaged<BufferedInput>.fromOpaque(client).takeUnretainedValue()
    do {
        let bytes = try input.available()
        input.consume(bytes.count)
        block.pointee = bytes.baseAddress
        return bytes.count
    } catch {
        input.failure = error
        return la_ssize_t(ARCHIVE_FATAL)
    }
}
