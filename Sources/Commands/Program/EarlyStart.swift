import LinuxSystem
import OCI
import Registry
import Storage

/// What every build needs whatever its options say: made ready while they are parsed, which takes as long.
///
/// To be made on the main thread while it is the only one. What fails here fails where it is first needed.
struct EarlyStart: Sendable {
    let isolation: Result<Isolation, any Error>
    private let opening: Task<CacheDirectory, any Error>?

    /// Enters the namespace that the raw `arguments`, or the environment, ask for.
    init(_ arguments: [String]) {
        let mode = IsolationChoice.mode(arguments: arguments, environment: Process.variable)
        isolation = Result { try Isolation.enter(mode, cache: Self.cacheRoot) }
        guard let isolation = try? isolation.get() else {
            opening = nil
            return
        }
        Task.detached { await RegistryClient.prepare() }
        opening = Task.detached { try Self.openCache(isolation) }
    }

    /// The cache directory, open.
    var cache: CacheDirectory {
        get async throws {
            guard let opening else { return try Self.openCache(isolation.get()) }
            return try await opening.value
        }
    }

    private static var cacheRoot: Path? { CacheDirectory.defaultRoot(environment: Process.variable) }

    private static func openCache(_ isolation: Isolation) throws -> CacheDirectory {
        guard let root = cacheRoot else {
            throw OptionError.conflicting("no cache directory: neither XDG_CACHE_HOME nor HOME is an absolute path")
        }
        return try CacheDirectory.open(root, snapshots: isolation.snapshots) {
            snapshotAlternatives(environment: Process.variable)
        }
    }
}
