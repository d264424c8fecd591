import Archive
import LinuxSystem

/// Writes the files of a result as one uncompressed tar stream (spec/04 §4.5): owners are kept, times rounded.
package struct TarExporter: Sendable {
    package let destination: OutputFile.Destination
    /// The modification time for everything, if it is not the result's.
    package let time: FileTime?

    package init(destination: OutputFile.Destination, time: FileTime? = nil) {
        self.destination = destination
        self.time = time
    }

    /// Writes all `trees`, each below its name if it has one.
    ///
    /// A file appears when it is complete.
    package func export(_ trees: [LocalExporter.Tree], cancellation: CancellationFlag) throws {
        try destination.naming { try write(trees, cancellation) }
    }

    private func write(_ trees: [LocalExporter.Tree], _ cancellation: CancellationFlag) throws {
        try trees.checkDistinct()
        let output = try OutputFile(destination)
        var writer = TarWriter(FileSink(try output.descriptor.duplicate()))
        for tree in trees {
            let options = TreeOptions(prefix: tree.name.map { Path($0) } ?? "", epoch: time?.seconds)
            try writeTree(tree.root.directory, to: &writer, options: options, cancellation: cancellation)
        }
        let sink = try writer.finish()
        _ = try sink.finish()
        try output.finish()
    }
}
