import OCI

/// A layer of an image, with the key of its snapshot.
struct ImageLayer: Hashable, Sendable {
    let descriptor: Descriptor
    let diffID: Digest
    /// What the media type says; nil where it says nothing, and the first bytes do.
    let compression: LayerCompression?
    /// The chain id of the layer on those below it, in its scope (OCI image-spec, config.md, "Layer ChainID").
    let key: String

    /// The layers of an image, lowest first.
    static func chain(_ descriptors: [Descriptor], diffIDs: [Digest], scope: String) -> [ImageLayer] {
        var chain: Digest?
        return zip(descriptors, diffIDs).map { descriptor, diffID in
            let next = chain.map { Digest.sha256(of: "\($0) \(diffID)") } ?? diffID
            chain = next
            return ImageLayer(
                descriptor: descriptor,
                diffID: diffID,
                compression: MediaType.compression(of: descriptor.mediaType),
                key: "\(scope) \(next)"
            )
        }
    }
}
