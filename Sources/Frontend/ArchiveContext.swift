import BuildGraph
import OCI

/// A context that is a file from outside: an archive, which is unpacked, or a file that stays what it is.
package struct ArchiveContext: Hashable, Sendable {
    /// What the file is called in the tree of the download.
    package static let filename = "context"
    /// The name of the download's vertex for the build context itself.
    package static let mainName = "[internal] load remote build context"

    private let source: HTTPSource
    private let name: String

    /// The file behind `source`; `name` is that of the download's vertex.
    package init(_ source: HTTPSource, name: String = ArchiveContext.mainName) {
        var source = source
        source.filename = Self.filename
        self.source = source
        self.name = name
    }

    /// Adds the vertex of the file as it is, alone in a tree.
    package func addDownload(to builder: inout GraphBuilder) -> Digest {
        builder.add(.source(.http(source)), metadata: VertexMetadata(name: name))
    }

    /// Adds the vertex of what is in the archive.
    package func addUnpacked(to builder: inout GraphBuilder) -> Digest {
        let download = addDownload(to: &builder)
        var copy = CopyAction(input: 1, source: "/\(Self.filename)", destination: "/")
        copy.options.attemptUnpack = true
        return builder.add(
            .file(FileOperation([.copy(copy)])),
            inputs: [.scratch, .vertex(download)],
            metadata: VertexMetadata(name: "copy /context /")
        )
    }
}
