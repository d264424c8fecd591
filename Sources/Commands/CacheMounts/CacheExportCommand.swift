import ArgumentParser
import Exporters
import LinuxSystem
import Storage

/// `swbuild cache export`: a cache mount as a file.
package struct CacheExportCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a cache mount to a tar file.",
        discussion: "The file's name says how it is compressed: .tar, .tar.gz (.tgz) or .tar.zst."
    )

    @OptionGroup var options: CacheMountOptions

    @Argument(help: ArgumentHelp("The file to write, or - for stdout.", valueName: "file"), completion: .file())
    var file: String

    package init() {}

    /// To be called on the main thread while it is the only one.
    package func run() throws {
        let (mount, file) = (options.mount, self.file)
        if file == "-", StandardStream.output.isTerminal {
            return try CacheSession.reporting { throw OptionError.standardOutputIsTerminal(type: "tar") }
        }
        try CacheSession.run { session in
            let volume = try session.volume(mount)
            let compression = CacheMountExporter.compression(named: file)
            let exporter = CacheMountExporter(volume, of: session.cache, compression: compression) {
                CacheSession.tellOfWaiting(mount)
            }
            try exporter.export(to: file == "-" ? .standardOutput : .path(file), cancellation: session.cancellation)
        }
    }
}
