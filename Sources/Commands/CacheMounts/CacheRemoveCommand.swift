import ArgumentParser
import LinuxSystem
import Storage

/// `swbuild cache rm`: removes cache mounts.
package struct CacheRemoveCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "rm",
        abstract: "Remove cache mounts."
    )

    @Argument(
        help: ArgumentHelp("Ids of cache mounts, or names of their volumes.", valueName: "id"),
        completion: .custom { CacheMountCompletion.ids(arguments: $0, index: $1, prefix: $2) }
    )
    var mounts: [String]

    package init() {}

    /// To be called on the main thread while it is the only one.
    package func run() throws {
        let words = mounts
        try CacheSession.run { session in
            for word in words {
                for volume in try session.volumes(word) where try !session.cache.mounts.removeIfIdle(volume) {
                    throw CacheMountError.inUse(word)
                }
            }
        }
    }
}
