import Archive
import LinuxSystem

/// Tells archives from Dockerfiles where a context is one file (spec/03 §3.5).
package enum ContextArchive {
    /// Whether the file is an archive, by its content; its offset stays.
    ///
    /// Throws ``OperationError/notAnArchive`` for what is compressed and holds no archive: a Dockerfile is neither.
    package static func isArchive(_ file: borrowing FileDescriptor) throws -> Bool {
        if try Archive.isArchive(file) { return true }
        var prefix = [UInt8](repeating: 0, count: 16)
        let count = try prefix.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
        guard CompressionFormat(sniffing: prefix[..<count]) == .uncompressed else { throw OperationError.notAnArchive }
        return false
    }
}
