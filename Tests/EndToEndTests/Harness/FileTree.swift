import Glibc

/// Plain looks at files, for expectations.
enum FileTree {
    /// A file that cannot be read or written.
    struct Failure: Error, CustomStringConvertible {
        let path: String
        let code: Int32
        var description: String { "`\(path)`: \(String(cString: strerror(code)))" }
    }

    /// The bytes of a file.
    static func bytes(_ path: String) throws -> [UInt8] {
        guard let file = fopen(path, "re") else { throw Failure(path: path, code: errno) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
        }
    }

    /// The contents of a file as text.
    static func text(_ path: String) throws -> String { String(decoding: try bytes(path), as: UTF8.self) }

    /// Writes a whole file, with the directories above it.
    static func write(_ path: String, _ bytes: [UInt8], permissions: mode_t = 0o644) throws {
        let parent = path.split(separator: "/").dropLast().joined(separator: "/")
        try Command.check("mkdir", ["-p", "/\(parent)"])
        guard let file = fopen(path, "we") else { throw Failure(path: path, code: errno) }
        defer { fclose(file) }
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw Failure(path: path, code: errno) }
        chmod(path, permissions)
    }

    /// Whether anything has this name, also a dangling link.
    static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// Names below `path`, sorted, one per line in `find`'s `format` (`%P` is the relative name).
    static func listing(_ path: String, format: String = "%P", conditions: [String] = []) throws -> [String] {
        let text = try Command.check("find", [path, "-mindepth", "1"] + conditions + ["-printf", "\(format)\\n"])
        return text.split(separator: "\n").map(String.init).sorted()
    }

    /// One line of `stat --format`: `%a` mode, `%u:%g` owner, `%F` kind, `%h` links, `%Y` time.
    static func status(_ path: String, _ format: String) throws -> String {
        String(try Command.check("stat", ["--format=\(format)", path]).dropLast())
    }
}
