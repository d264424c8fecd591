import ArgumentParser
import LinuxSystem
import Operations
import Storage

/// The cache directory for a command that builds nothing: as root of the namespace that owns what is in it.
struct CacheSession: Sendable {
    let cache: CacheDirectory
    /// How owners are kept here.
    let scope: String
    /// Set when the user interrupts the command.
    let cancellation: CancellationFlag

    /// Runs `body` with the cache directory, on a thread of its own, until it ends or is interrupted.
    ///
    /// An error is printed and ends the command. To be called on the main thread while it is the only one.
    static func run(_ body: @escaping @Sendable (CacheSession) throws -> Void) throws {
        let isolation: Isolation
        do {
            let mode = IsolationChoice.mode(arguments: [], environment: Process.variable)
            isolation = try Isolation.enter(mode, cache: CacheDirectory.defaultRoot(environment: Process.variable))
        } catch {
            throw report(error)
        }
        let status = BuildProgram.wait(isolation.signals) {
            do {
                let gaveReserve = try await BlockingThread.run("cache") { cancellation in
                    let cache = try EarlyStart.openCache(isolation, toClean: true)
                    let scope = OperationContext.scope(of: isolation.identity, cache.snapshots.kind)
                    try body(CacheSession(cache: cache, scope: scope, cancellation: cancellation))
                    return cache.gaveReserve
                }
                if gaveReserve, let root = EarlyStart.cacheRoot { CacheDirectory.keepReserve(root) }
                return 0
            } catch {
                return report(error).rawValue
            }
        }
        if status != 0 { throw ExitCode(status) }
    }

    /// Runs what comes before the cache directory is needed; an error is printed and ends the command.
    static func reporting<R>(_ body: () throws -> R) throws -> R {
        do {
            return try body()
        } catch {
            throw report(error)
        }
    }

    /// Prints an error as those of builds are; gives the status with which the command ends.
    private static func report(_ error: any Error) -> ExitCode {
        if let code = error as? ExitCode { return code }
        ErrorReport(error, prefix: "").print()
        return ExitCode(ErrorReport.isCancellation(error) ? 130 : 1)
    }

    /// The volumes that `word` means, at least one; the one that was last used first.
    func volumes(_ word: String) throws -> [CacheVolume] {
        let volumes = try cache.mounts.find(word, scope: scope)
        if !volumes.isEmpty { return volumes }
        let isElsewhere = try cache.mounts.volumes().contains { $0.id == word || $0.name == word }
        throw isElsewhere ? CacheMountError.otherIsolation(word) : .missing(word)
    }

    /// The only volume that `word` means.
    func volume(_ word: String) throws -> CacheVolume {
        let volumes = try volumes(word)
        // Volumes of one identity were made for steps at the same time: the last one is as good as any.
        guard Set(volumes.map(\.identity)).count == 1 else {
            throw CacheMountError.several(word, volumes: volumes.map(\.name))
        }
        return volumes[0]
    }

    static func tellOfWaiting(_ id: String) {
        StandardStream.error.print("waiting for a build that uses cache mount `\(id)`")
    }
}
