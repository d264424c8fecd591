import ArgumentParser
import LinuxSystem
import Operations
import Storage

/// `swbuild cache import`: a cache mount out of a file.
package struct CacheImportCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Make a cache mount of a tar file.",
        discussion: """
            The file may be compressed. The next step that mounts ID gets what is in it, with the owner and mode of the \
            directory itself that the step asks for. What was there under this ID is replaced.
            """
    )

    @OptionGroup var options: CacheMountOptions

    @Argument(help: ArgumentHelp("The file to read, or - for standard input.", valueName: "file"), completion: .file())
    var file: String

    package init() {}

    /// To be called on the main thread while it is the only one.
    package func run() throws {
        let (mount, file) = (options.mount, self.file)
        try CacheSession.run { session in
            let input = file == "-" ? try StandardStream.input.duplicate() : try FileDescriptor.open(Path(file))
            try session.cache.importMount(
                mount,
                scope: session.scope,
                from: input,
                cancellation: session.cancellation
            ) {
                CacheSession.tellOfWaiting(mount)
            }
        }
    }
}
