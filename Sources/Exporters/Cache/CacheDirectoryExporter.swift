import LinuxSystem
import OCI
import Storage

/// Writes a cache into an OCI layout in a directory, beside what is there under other tags.
package struct CacheDirectoryExporter: Sendable {
    private let store: ContentStore
    private let path: Path
    private let tag: String
    /// Whether everything else in the directory goes.
    private let resets: Bool

    package init(store: ContentStore, path: Path, tag: String, resets: Bool) {
        self.store = store
        self.path = path
        self.tag = tag
        self.resets = resets
    }

    /// Writes the cache, whose blobs are in the store; it is there once `index.json` is replaced.
    package func export(_ manifest: CacheManifest, cancellation: CancellationFlag) throws {
        var descriptor = manifest.root.descriptor
        descriptor.annotations = ["org.opencontainers.image.ref.name": tag]
        let writer = LayoutDirectoryWriter(store: store, cancellation: cancellation)
        let contents = LayoutContents(manifest)
        try OutputFile.Destination.path(path.string).naming {
            try writer.write(contents, adding: Index(manifests: [descriptor]), to: path, replacingAll: resets)
            try DestinationDirectory.open(path).makeDirectories("ingest")
        }
    }
}
