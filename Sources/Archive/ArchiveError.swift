import LinuxSystem

/// Why an archive or a compressed stream could not be read or written.
package enum ArchiveError: Error, Hashable {
    /// The stream ended inside `format`.
    case truncated(format: String)
    /// Bytes follow the end of the compressed data.
    case trailingGarbage(format: String)
    /// The bytes are not what `format` allows.
    case corrupt(format: String, detail: String)
    /// The library that serves `format` was built without it.
    case unsupported(format: String)
    /// A compressor or decompressor could not be made.
    case outOfMemory(format: String)
    /// The tar stream is broken after (or in) an entry; no entry: at its beginning.
    case tar(after: Path?, detail: String)
    /// The tar format cannot say this.
    case unrepresentable(entry: Path, field: String)
    /// More or fewer bytes were written for an entry than its header announced.
    case sizeMismatch(entry: Path, announced: Int64, written: Int64)
    /// A system call failed for an entry; `operation` is a verb with its object, such as `create directory`.
    case entry(Path, operation: String, SystemError)
    /// An entry contradicts what the directory holds, or asks for something outside.
    case refused(entry: Path, reason: String)
    /// Any of the above, with the layer in which it happened.
    indirect case layer(String, ArchiveError)
}

extension ArchiveError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .truncated(let format):
            "cannot read \(format) data: unexpected end of input"
        case .trailingGarbage(let format):
            "cannot read \(format) data: garbage after its end"
        case .corrupt(let format, let detail):
            "cannot read \(format) data: \(detail)"
        case .unsupported(let format):
            "cannot read \(format) data: not supported by this build"
        case .outOfMemory(let format):
            "cannot start the \(format) codec: out of memory"
        case .tar(nil, let detail):
            "cannot read tar archive: \(detail)"
        case .tar(let path?, let detail):
            "cannot read tar archive at entry `\(path)`: \(detail)"
        case .unrepresentable(let path, let field):
            "cannot write tar entry `\(path)`: its \(field) does not fit the tar format"
        case .sizeMismatch(let path, let announced, let written):
            "cannot write tar entry `\(path)`: it has \(written) bytes instead of \(announced)\n"
                + "hint: the file changed while it was read"
        case .entry(let path, let operation, let error):
            "cannot \(operation) `\(path)`: \(SystemError.reason(error.code))"
        case .refused(let path, let reason):
            "cannot unpack `\(path)`: \(reason)"
        case .layer(let name, let error):
            "layer \(name): \(error)"
        }
    }
}
