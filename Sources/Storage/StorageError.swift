import LinuxSystem
import OCI

/// What can go wrong with the cache directory, beyond a failing system call.
package enum StorageError: Error, Hashable, CustomStringConvertible {
    /// The directory cannot be made or written.
    case unwritable(Path, reason: String)
    /// The directory is another user's, and more than that user may write to it.
    case writableByOthers(Path)
    /// Content is not what its digest says.
    case digestMismatch(expected: Digest, actual: Digest)
    /// Content is longer or shorter than announced, in bytes.
    case sizeMismatch(expected: Int64, actual: Int64)
    /// No such blob.
    case missingBlob(Digest)
    /// No such layer, or its directory is gone.
    case missingLayer(LayerID)
    /// More layers than overlay can stack.
    case tooManyLayers(count: Int, limit: Int)
    /// The writer of a blob gave up before its end.
    case abandoned
    /// Other processes use the cache directory.
    case inUse(Path)
    /// What running builds use is more than the cache may take; both in bytes.
    case full(used: Int64, limit: Int64)
    /// SQLite refused.
    case database(operation: String, code: Int32, message: String)
    /// The database was written by a newer version of the program.
    case newerDatabase(version: Int)

    package var description: String {
        switch self {
        case .unwritable(let path, let reason):
            "cannot use cache directory `\(path)`: \(reason)\nhint: set `XDG_CACHE_HOME` to a writable directory"
        case .writableByOthers(let path):
            "cannot use cache directory `\(path)`: it belongs to another user, and others can write to it\n"
                + "hint: set `XDG_CACHE_HOME` to a directory of your own, which may be below this one"
        case .digestMismatch(let expected, let actual): "digest mismatch: expected `\(expected)`, got `\(actual)`"
        case .sizeMismatch(let expected, let actual): "size mismatch: expected \(expected) bytes, got \(actual)"
        case .missingBlob(let digest): "cannot open blob `\(digest)`: not in the cache directory"
        case .missingLayer(let layer): "cannot use layer `\(layer)`: not in the cache directory"
        case .tooManyLayers(let count, let limit): "cannot stack \(count) layers: the limit is \(limit)"
        case .abandoned: "cannot read blob: its writer gave up"
        case .inUse(let path): "cannot change cache directory `\(path)`: another process is using it"
        case .full(let used, let limit):
            "the cache is full: running builds need \(Self.size(used)), and its limit is \(Self.size(limit))\n"
                + "hint: raise `SWBUILD_CACHE_MAX_SIZE` (or `--cache-max-size`), or let fewer builds run at once"
        case .database(let operation, let code, let message):
            "cannot \(operation) the cache database: \(message) (\(code))"
        case .newerDatabase(let version):
            "cannot use the cache database: it has version \(version), of a newer swbuild\n"
                + "hint: set `XDG_CACHE_HOME` to another directory"
        }
    }

    private static func size(_ bytes: Int64) -> String {
        bytes < 10_000_000 ? "\(bytes) bytes" : "\((bytes + 999_999) / 1_000_000) MB"
    }
}
