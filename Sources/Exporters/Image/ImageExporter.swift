import LinuxSystem
import OCI
import Storage

/// Writes an image as an OCI layout or as a docker archive.
package struct ImageExporter: Sendable {
    /// What the image is written as.
    package enum Form: Hashable, Sendable {
        /// One tar file with an OCI layout.
        case ociArchive(OutputFile.Destination)
        /// One tar file that `docker load` takes; it is an OCI layout too.
        case dockerArchive(OutputFile.Destination)
        /// A directory with an OCI layout.
        case ociDirectory(Path)
    }

    package let store: ContentStore
    package let form: Form
    /// The names given to the image, in full form.
    package let names: [ImageReference]
    /// The time of the annotation `org.opencontainers.image.created`.
    package let created: Timestamp

    package init(store: ContentStore, form: Form, names: [ImageReference], created: Timestamp) {
        self.store = store
        self.form = form
        self.names = names
        self.created = created
    }

    /// Writes the image; the output appears when it is complete.
    package func export(_ documents: ImageDocuments, cancellation: CancellationFlag) throws {
        switch form {
        case .ociArchive(let destination):
            let contents = LayoutContents(documents, names: names, created: created, forDocker: false)
            try destination.naming {
                try LayoutArchiveWriter(store: store, cancellation: cancellation).write(contents, to: destination)
            }
        case .dockerArchive(let destination):
            guard !documents.isIndex else { throw ExportError.severalPlatforms(type: "docker") }
            let contents = LayoutContents(documents, names: names, created: created, forDocker: true)
            try destination.naming {
                try LayoutArchiveWriter(store: store, cancellation: cancellation).write(contents, to: destination)
            }
        case .ociDirectory(let path):
            let contents = LayoutContents(documents, names: names, created: created, forDocker: false)
            var index = LayoutContents.index(documents, names: names, created: created)
            if names.isEmpty {
                for position in index.manifests.indices {
                    index.manifests[position].annotations["org.opencontainers.image.ref.name"] = "latest"
                }
            }
            let writer = LayoutDirectoryWriter(store: store, cancellation: cancellation)
            try OutputFile.Destination.path(path.string).naming { try writer.write(contents, adding: index, to: path) }
        }
    }
}
