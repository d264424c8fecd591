import LinuxSystem
import OCI
import Operations
import Registry
import Storage

/// What every build needs whatever its options say: made ready before they are parsed, and registries are asked
/// meanwhile.
///
/// To be made on the main thread while it is the only one. What fails here fails where it is first needed.
struct EarlyStart: Sendable {
    let isolation: Result<Isolation, any Error>
    let cache: Result<CacheDirectory, any Error>
    private let begun = Deferred<Questions>()

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
            try BlockingThread.start("ask", elsewhere: true) { [begun] in
                NetworkThread.run { thread in
                    begun.set(.success(Self.ask([directory] + arguments, on: thread)))
                }
            }
        } catch {
            begun.set(.failure(error))
        }
        cache = Result { try Self.openCache(isolation.get()) }
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
        get async throws { try await begun.value }
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
