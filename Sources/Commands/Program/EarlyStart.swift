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
    private let prepared = Deferred<Preparation>()

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
        // Not on the processor that is about to parse: a thread would wait for that.
        do throws(SystemError) {
            try BlockingThread.start("prepare", elsewhere: true) { [prepared] in
                prepared.set(Result { try Self.prepare(isolation.get(), [directory] + arguments) })
            }
        } catch {
            prepared.set(.failure(error))
        }
    }

    /// Makes everything ready; the first work is to ask, which takes longer than opening the cache.
    ///
    /// `words` are those of the command, and the directory in which they were said.
    private static func prepare(_ isolation: Isolation, _ words: [String]) throws -> Preparation {
        var hasher = DigestHasher()
        for word in words { hasher.update(Array(word.utf8) + [0]) }
        let registry = RegistryClient(.standard())
        let forecast = ImageForecast(hasher.finalize().hex, below: cacheRoot, registry: registry)
        do {
            let cache = try openCache(isolation)
            forecast.lookUp(in: cache, registry: registry)
            return Preparation(cache: cache, registry: registry, forecast: forecast)
        } catch {
            registry.shutdown()
            throw error
        }
    }

    /// The cache directory, open, and what else was made ready.
    var preparation: Preparation {
        get async throws { try await prepared.value }
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
