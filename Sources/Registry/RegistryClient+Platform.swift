import OCI

/// The image for one platform, found behind a reference.
package struct PlatformImage: Hashable, Sendable {
    /// The image's manifest; `descriptor.platform` is that of the index, if there was one.
    package let descriptor: Descriptor
    package let manifest: Manifest
    /// The manifest's bytes.
    package let bytes: [UInt8]
}

extension RegistryClient {
    /// Reads the manifest for a platform; `root` is what the reference was resolved to.
    ///
    /// A manifest that is no index is taken as it is, whatever its platform.
    package func image(_ reference: ImageReference, root: Descriptor, platform: Platform) async throws -> PlatformImage
    {
        var document = try await manifest(reference, digest: root.digest)
        var chosen = document.descriptor
        // An index may hold an index; deeper nesting is only made to annoy.
        for _ in 0..<3 {
            guard MediaType.isIndex(document.descriptor.mediaType) else {
                let manifest = try Manifest(json: document.bytes)
                return PlatformImage(descriptor: chosen, manifest: manifest, bytes: document.bytes)
            }
            chosen = try Self.selectManifest(
                Index(json: document.bytes),
                platform: platform,
                subject: reference.description
            )
            document = try await manifest(reference, digest: chosen.digest)
            guard document.descriptor.size == chosen.size else {
                throw RegistryError.sizeMismatch(
                    subject: chosen.digest.description,
                    got: document.descriptor.size,
                    want: chosen.size
                )
            }
        }
        throw RegistryError.invalidResponse(subject: reference.description, reason: "index is nested too deeply")
    }

    /// Returns the best entry of an index for a platform.
    package static func selectManifest(
        _ index: Index,
        platform: Platform,
        subject: String
    ) throws(RegistryError) -> Descriptor {
        let usable = index.manifests(matching: platform).first {
            MediaType.isManifest($0.mediaType) || MediaType.isIndex($0.mediaType)
        }
        if let usable {
            return usable
        }
        let available = index.manifests.compactMap(\.platform).filter { !$0.isUnknown }
        throw .noMatchingPlatform(subject: subject, platform: platform, available: available)
    }

    /// Reads an image's configuration, or another small blob, whole and verified.
    package func document(_ descriptor: Descriptor, of reference: ImageReference) async throws -> [UInt8] {
        if let data = descriptor.data, Int64(data.count) == descriptor.size,
            digest(of: data, descriptor.digest.algorithm) == descriptor.digest
        {
            return data
        }
        guard descriptor.size <= Int64(Self.documentLimit) else {
            throw RegistryError.tooLarge(subject: descriptor.digest.description, limit: Self.documentLimit)
        }
        var bytes: [UInt8] = []
        for try await chunk in blob(descriptor, of: reference) {
            chunk.withUnsafeBytes { bytes.append(contentsOf: $0) }
        }
        return bytes
    }
}
