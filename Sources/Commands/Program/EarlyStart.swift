import LinuxSystem
import OCI
import Operations
import Registry
import Storage

/// What every build needs whatever its options say: made ready while they are parsed, which takes as long.
///
/// To be made on the main thread while it is the only one. What fails here fails where it is first needed.
struct EarlyStart: Sendable {
    let isolation: Result<Isolation, any Error>
    private let preparing: Task<Preparation, any Error>

    /// What is made ready on other threads.
    struct Preparation: Sendable {
        let cache: CacheDirectory
        /// Reaches registries as this process's environment says, whatever the options say.
        let registry: RegistryClient
        let forecast: ImageForecast
    }

    /// Enters the namespace that the raw `arguments`, or the environment, ask for.
    init(_ arguments: [String]) {
        let mode = IsolationChoice.mode(arguments: arguments, environment: Process.variable)
        let isolation = Result { try Isolation.enter(mode, cache: Self.cacheRoot) }
        self.isolation = isolation
        let directory = (try? Directory.open(".").currentPath())?.string ?? ""
        // One task, whose first work is to ask: two cores are busy with that and with the options, and whatever else were begun
        // now would come between.
        preparing = Task.detached {
            let isolation = try isolation.get()
            // Stands for the words of the command and the directory in which they were said.
            var hasher = DigestHasher()
            for word in [directory] + arguments { hasher.update(Array(word.utf8) + [0]) }
            let key = hasher.finalize().hex
            let registry = RegistryClient(.standard())
            // An answer takes longer than opening the cache.
            let forecast = ImageForecast(key, below: Self.cacheRoot, registry: registry)
            do {
                let cache = try Self.openCache(isolation)
                forecast.lookUp(in: cache, registry: registry)
                return Preparation(cache: cache, registry: registry, forecast: forecast)
            } catch {
                registry.shutdown()
                throw error
            }
        }
    }

    /// The cache directory, open, and what else was made ready.
    var preparation: Preparation {
        get async throws { try await preparing.value }
    }

    static var cacheRoot: Path? { CacheDirectory.defaultRoot(environment: Process.variable) }

    /// Opens the cache directory as `isolation` can use it; with `toClean`, on a full disk, too.
    static func openCache(_ isolation: Isolation, toClean: Bool = false) throws -> CacheDirectory {
        guard let root = cacheRoot else {
            throw OptionError.conflicting("no cache directory: neither XDG_CACHE_HOME nor HOME is an absolute path")
        }
        return try CacheDirectory.open(
            root,
            snapshots: isolation.snapshots,
            ledgerScope: isolation.identity.ledgerScope,
            toClean: toClean
        ) {
            snapshotAlternatives(environment: Process.variable)
        }
    }
}
