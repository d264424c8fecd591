import Frontend
import LinuxSystem
import OCI
import Registry
import Storage

/// Finds images, and keeps their manifests and configurations in the content store.
///
/// A tag is asked for in each build; what a digest stands for is asked for once.
package struct ImageCatalog: ImageResolver {
    let cache: CacheDirectory
    let registry: RegistryClient
    /// What was asked before this build knew that it would; nil where nothing was.
    let forecast: ImageForecast?

    package func resolve(
        _ image: ImageLocator,
        platform: Platform,
        mode: ImageResolveMode
    ) async throws -> Frontend.ResolvedImage {
        switch image {
        case .registry(let reference): try await resolve(reference, platform: platform)
        case .ociLayout(let path, let tag, let digest):
            try OCILayout(Path(path)).resolve(tag: tag, digest: digest, platform: platform, into: cache.content)
        }
    }

    private func resolve(_ reference: ImageReference, platform: Platform) async throws -> Frontend.ResolvedImage {
        let pinned = reference.digest
        if let pinned, let known = try stored(root: pinned, platform: platform) { return known }
        let answer = await forecast?.answer(for: reference, platform)
        let root = if let answer { answer } else { try await registry.resolve(reference) }
        forecast?.note(root.digest, for: reference, platform)
        if let known = await forecast?.supposition(reference, platform, ifStill: root.digest) { return known }
        if let known = try stored(root: root.digest, platform: platform) { return known }
        let image = try await registry.image(reference, root: root, platform: platform)
        let config = try await registry.document(image.manifest.config, of: reference)
        try cache.content.store(config)
        try cache.content.store(image.bytes)
        try cache.database.setImage(
            image.descriptor.digest,
            reference: root.digest.description,
            platform: platform.description
        )
        return try Self.resolved(
            root: root.digest,
            manifest: image.descriptor.digest,
            config: config,
            indexed: image.descriptor.platform
        )
    }

    /// What the image was in the last build of the same words, if that is known here; nothing is asked.
    package func supposition(_ image: ImageLocator, platform: Platform) async -> Frontend.ResolvedImage? {
        guard case .registry(let reference) = image else { return nil }
        if let pinned = reference.digest { return try? stored(root: pinned, platform: platform) }
        return await forecast?.supposition(reference, platform)
    }

    /// What is known of a root digest from earlier builds; nil where anything of it is missing.
    func stored(root: Digest, platform: Platform) throws -> Frontend.ResolvedImage? {
        guard let known = try cache.database.image(root.description, platform: platform.description),
            let document = try cache.content.soundBytes(known.digest)
        else { return nil }
        let manifest = try Manifest(json: document)
        guard let config = try cache.content.soundBytes(manifest.config.digest) else { return nil }
        return try Self.resolved(root: root, manifest: known.digest, config: config, indexed: nil)
    }

    static func resolved(
        root: Digest,
        manifest: Digest,
        config bytes: [UInt8],
        indexed: Platform?
    ) throws -> Frontend.ResolvedImage {
        let config = try ImageConfig(json: bytes)
        let platform = config.os.isEmpty ? indexed ?? config.platform : config.platform
        return Frontend.ResolvedImage(digest: root, manifest: manifest, config: config, platform: platform)
    }

    /// The manifest with the given digest and its configuration, which resolving has stored.
    func documents(_ manifest: Digest) throws -> (manifest: Manifest, config: ImageConfig) {
        let document = try Manifest(json: cache.content.bytes(manifest))
        return (document, try ImageConfig(json: cache.content.bytes(document.config.digest)))
    }
}
