import OCI
import Testing

@testable import Exporters

@Suite struct ImageDocumentsTests {
    private func platform(_ architecture: String, layers texts: [String] = ["a", "b"]) -> ExportedPlatform {
        let platform = Platform(os: "linux", architecture: architecture)
        let layers = texts.map { text in
            ExportedLayer(
                descriptor: Descriptor(
                    mediaType: MediaType.ociLayerGzip,
                    digest: .sha256(of: "blob \(text)"),
                    size: Int64(text.utf8.count)
                ),
                diffID: .sha256(of: "tar \(text)"),
                created: Timestamp(seconds: 1)
            )
        }
        return ExportedPlatform(platform: platform, config: ImageConfig(platform: platform), layers: layers)
    }

    @Test func aSingleImageIsItsManifest() throws {
        let documents = try ImageDocuments([platform("amd64")], ImageDocumentOptions())
        #expect(!documents.isIndex && documents.root == documents.manifests.first)
        let manifest = try Manifest(json: documents.root.bytes)
        #expect(manifest.config.digest == documents.firstConfig.descriptor.digest)
        #expect(manifest.layers.map(\.digest) == [.sha256(of: "blob a"), .sha256(of: "blob b")])
        let config = try ImageConfig(json: documents.firstConfig.bytes)
        #expect(config.diffIDs == [.sha256(of: "tar a"), .sha256(of: "tar b")])
        #expect(documents.root.descriptor.digest == .sha256(of: documents.root.bytes))
    }

    @Test func severalPlatformsAreAnIndexAndShareLayers() throws {
        let documents = try ImageDocuments([platform("amd64"), platform("arm64")], ImageDocumentOptions())
        #expect(documents.isIndex && documents.manifests.count == 2 && documents.layers.count == 2)
        let index = try Index(json: documents.root.bytes)
        #expect(index.manifests.map { $0.platform?.architecture } == ["amd64", "arm64"])
        #expect(documents.all.count == 5)
    }

    @Test func equalInputGivesEqualBytes() throws {
        let once = try ImageDocuments([platform("amd64")], ImageDocumentOptions())
        let again = try ImageDocuments([platform("amd64")], ImageDocumentOptions())
        #expect(once.all == again.all)
    }

    @Test func dockerTypesOnRequest() throws {
        var options = ImageDocumentOptions()
        options.ociMediaTypes = false
        let documents = try ImageDocuments([platform("amd64")], options)
        #expect(documents.root.descriptor.mediaType == MediaType.dockerManifest)
        #expect(documents.firstConfig.descriptor.mediaType == MediaType.dockerConfig)
    }

    @Test func aLayoutHoldsEveryBlobOnceAndItsNames() throws {
        let documents = try ImageDocuments([platform("amd64", layers: ["a", "a"])], ImageDocumentOptions())
        let name = try ImageReference(parsing: "app:1").withDefaultTag()
        let contents = LayoutContents(documents, names: [name], created: Timestamp(seconds: 0), forDocker: true)
        let paths = contents.entries.map(\.path)
        #expect(paths == paths.sorted() && Set(paths).count == paths.count)
        #expect(paths.filter { $0.hasPrefix("blobs/") }.count == 3)
        let index = LayoutContents.index(documents, names: [name], created: Timestamp(seconds: 0))
        let annotations = index.manifests.first?.annotations
        #expect(annotations?["io.containerd.image.name"] == "docker.io/library/app:1")
        #expect(annotations?["org.opencontainers.image.ref.name"] == "1")
    }
}
