/// A build definition as it was read: its display name and its bytes, split at line feeds.
package struct SourceFile: Hashable, Sendable {
    /// The name shown to the user: the path as given with `-f`, or `Dockerfile` for stdin.
    package let name: String
    /// The bytes as read, byte order mark included.
    package let bytes: [UInt8]

    /// Wraps the bytes of a file; reads and checks nothing.
    package init(name: String = "Dockerfile", bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    /// Wraps the UTF-8 bytes of a text.
    package init(name: String = "Dockerfile", text: String) {
        self.init(name: name, bytes: Array(text.utf8))
    }

    /// The lines without their line feeds; a final line feed counts as one more, empty, line.
    ///
    /// Bytes that are not UTF-8 are shown as U+FFFD.
    package var lines: [String] {
        bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
        }
    }
}
