import LinuxSystem
import Storage

/// Completes the ids of cache mounts out of the cache directory.
enum CacheMountCompletion {
    /// The ids that begin with `prefix`; nothing where there is no cache directory.
    static func ids(arguments: [String], index: Int, prefix: String) -> [String] {
        guard let root = CacheDirectory.defaultRoot(environment: Process.variable) else { return [] }
        let path = root.appending("swbuild.db")
        // Opening would make it.
        guard (try? FileStatus.of(path)) != nil, let volumes = try? Database(path).volumes() else { return [] }
        return Set(volumes.map(\.id)).filter { $0.hasPrefix(prefix) }.sorted()
    }
}
