import LinuxSystem

/// Writes the files of a result into a directory (spec/04 §4.5).
///
/// Owners become the caller's, permissions and times are kept; files of the same name are replaced and nothing is
/// deleted. The files are made in a hidden directory first and appear by renames at the end.
package struct LocalExporter: Sendable {
    /// The directory written to; it is made with mode 0700 (less the umask) where it is missing, its parents too.
    package let destination: Path
    /// The modification time for everything, if it is not the result's.
    package let time: FileTime?

    package init(destination: Path, time: FileTime? = nil) {
        self.destination = destination
        self.time = time
    }

    /// One tree of the output: a directory's name (nil for the top) and the root to copy from.
    package struct Tree: Sendable {
        package let name: String?
        /// The platform, for messages.
        package let platform: String
        package let root: SharedDirectory

        package init(name: String?, platform: String = "", root: SharedDirectory) {
            self.name = name
            self.platform = platform
            self.root = root
        }
    }

    /// Copies all `trees`; gives the number of bytes of the files.
    ///
    /// `progress` is called with bytes so far.
    package func export(
        _ trees: [Tree],
        cancellation: CancellationFlag,
        progress: (Int64) -> Void
    ) throws -> Int64 {
        do {
            try trees.checkDistinct()
            let target = SharedDirectory(try DestinationDirectory.open(destination))
            let staging = try StagingDirectory(in: target)
            let bytes = try WorkerThreads.run("export files") { workers in
                var writer = LocalTreeWriter(time: time, workers: workers, cancellation: cancellation)
                for tree in trees {
                    var place = staging.directory
                    if let name = tree.name {
                        try place.directory.makeDirectory(Path(name), mode: 0o755)
                        place = SharedDirectory(try place.directory.openDirectory(Path(name), .noSymlinks))
                    }
                    try writer.copy(tree.root.directory, to: place.directory, progress: progress)
                }
                return writer.bytes
            }
            try staging.merge()
            return bytes
        } catch let error as SystemError {
            throw ExportError.failed(destination: destination.string, reason: error.description)
        }
    }
}
