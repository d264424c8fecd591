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
    private let asked = Deferred<Questions>()
    private let opened = Deferred<CacheDirectory>()

    /// What is asked early.
    struct Questions: Sendable {
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
        Process.populateData()
        // Not on the processor that is about to parse: a thread would wait for that.
        do throws(SystemError) {
            // Weak, for the thread never ends and the cache must be closed.
            try BlockingThread.start("ask", elsewhere: true) { [weak asked, weak opened] in
                NetworkThread.run { thread in
                    asked?.set(.success(Self.ask([directory] + arguments, on: thread)))
                    // After the first request has begun: a registry takes longer than the cache.
                    Task.detached(executorPreference: thread) {
                        opened?.set(Result { try Self.openCache(isolation.get()) })
                    }
                }
            }
        } catch {
            asked.set(.failure(error))
            opened.set(.failure(error))
        }
    }

    /// Begins to ask what the last build of the same words asked; `words` are those of the command, and the directory in
    /// which they were said.
    private static func ask(_ words: [String], on thread: NetworkThread) -> Questions {
        var hasher = DigestHasher()
        for word in words { hasher.update(Array(word.utf8) + [0]) }
        let registry = RegistryClient(.standard(), on: thread)
        let forecast = ImageForecast(hasher.finalize().hex, below: cacheRoot, registry: registry)
        return Questions(registry: registry, forecast: forecast)
    }

    /// What is being asked.
    var questions: Questions {
        get async throws { try await asked.value }
    }

    /// The cache directory, open.
    var cache: CacheDirectory {
        get async throws { try await opened.value }
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
