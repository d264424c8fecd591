import LinuxSystem

/// `/etc/passwd` or `/etc/group` of an image, read as a stream of lines.
///
/// The image may be hostile: symbolic links stay inside it, only a regular file is read, and no more than the bounds
/// (CVE-2026-47262).
struct AccountFile: ~Copyable {
    static let users: Path = "/etc/passwd"
    static let groups: Path = "/etc/group"
    static let sizeLimit: Int64 = 16 << 20
    static let lineLimit = 1 << 20

    private let path: Path
    private let descriptor: FileDescriptor

    /// Opens the file; `nil` if there is none.
    static func open(_ path: Path, in root: borrowing Directory) throws(SandboxError) -> AccountFile? {
        let file: AccountFile
        do throws(SystemError) {
            file = AccountFile(path: path, descriptor: try root.openFile(path, [.readOnly, .nonBlocking]))
        } catch {
            if error.isNotFound { return nil }
            throw .accountsUnreadable(path, reason: SystemError.reason(error.code))
        }
        try file.check()
        return file
    }

    private func check() throws(SandboxError) {
        let status: FileStatus
        do throws(SystemError) {
            status = try descriptor.status()
        } catch {
            throw .accountsUnreadable(path, reason: SystemError.reason(error.code))
        }
        guard status.kind == .regular else { throw .accountsUnreadable(path, reason: "not a regular file") }
        if status.size > AccountFile.sizeLimit { throw .accountsUnreadable(path, reason: "larger than 16 MiB") }
    }

    /// Calls `body` with the fields of each line until it gives false; empty lines and comments are left out.
    consuming func forEachRecord(_ body: ([String]) -> Bool) throws(SandboxError) {
        var line: [UInt8] = []
        var total: Int64 = 0
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = try read(into: &chunk)
            total += Int64(count)
            if total > AccountFile.sizeLimit { throw .accountsUnreadable(path, reason: "larger than 16 MiB") }
            if count == 0 { break }
            var rest = chunk[..<count]
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                line += rest[..<end]
                rest = rest[(end + 1)...]
                if let fields = AccountFile.fields(of: line), !body(fields) { return }
                line.removeAll(keepingCapacity: true)
            }
            line += rest
            if line.count > AccountFile.lineLimit { throw .accountsUnreadable(path, reason: "a line is too long") }
        }
        if let fields = AccountFile.fields(of: line) { _ = body(fields) }
    }

    private borrowing func read(into chunk: inout [UInt8]) throws(SandboxError) -> Int {
        let outcome: Result<Int, SystemError> = chunk.withUnsafeMutableBytes { buffer in
            do throws(SystemError) {
                return .success(try descriptor.read(into: buffer))
            } catch {
                return .failure(error)
            }
        }
        switch outcome {
        case .success(let count): return count
        case .failure(let error): throw .accountsUnreadable(path, reason: SystemError.reason(error.code))
        }
    }

    private static func fields(of line: [UInt8]) -> [String]? {
        let text = String(decoding: line, as: UTF8.self)
        let trimmed = text.drop { $0 == " " || $0 == "\t" || $0 == "\r" }
        if trimmed.isEmpty || trimmed.first == "#" { return nil }
        return trimmed.split(separator: ":", omittingEmptySubsequences: false).map { field in
            String(field.filter { $0 != "\r" })
        }
    }
}
