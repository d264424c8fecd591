import ArgumentParser
import LinuxSystem
import Storage

/// The cache directory for a command that builds nothing: as root of the namespace that owns what is in it.
enum CacheSession {
    /// Runs `body` with the cache directory.
    ///
    /// To be called on the main thread while it is the only one.
    static func run(_ body: (CacheDirectory) throws -> Void) throws {
        let mode = IsolationChoice.mode(arguments: [], environment: Process.variable)
        let isolation = try Isolation.enter(mode, cache: CacheDirectory.defaultRoot(environment: Process.variable))
        try body(EarlyStart.openCache(isolation))
    }

    /// Runs a command; an error is printed as those of builds are, and ends the command with status 1.
    static func reporting(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as ExitCode {
            throw error
        } catch {
            ErrorReport(error, prefix: "").print()
            throw ExitCode.failure
        }
    }
}
