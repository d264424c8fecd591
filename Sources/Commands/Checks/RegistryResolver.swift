import Frontend
import OCI
import Registry

/// Reads the configurations of images straight from their registries, and keeps nothing: checks need no cache directory
/// but for OCI layouts.
///
/// An image that a registry does not have is an error; one that no registry can be asked about is unavailable.
struct RegistryResolver: ImageResolver {
    let registry: RegistryClient
    /// Reads OCI layouts; nil where the request has none.
    let layouts: (any ImageResolver)?

    func resolve(
        _ image: ImageLocator,
        platform: Platform,
        mode: ImageResolveMode
    ) async throws -> Frontend.ResolvedImage {
        guard case .registry(let reference) = image else {
            guard let layouts else { throw ImageUnavailable("there is no cache to read a layout with") }
            return try await layouts.resolve(image, platform: platform, mode: mode)
        }
        do {
            return try await read(reference, platform: platform)
        } catch let error as RegistryError {
            switch error {
            case .notFound, .noMatchingPlatform, .unsupportedMediaType, .digestMismatch, .sizeMismatch: throw error
            default: throw ImageUnavailable("\(error)", hint: error.hint)
            }
        }
    }

    private func read(_ reference: ImageReference, platform: Platform) async throws -> Frontend.ResolvedImage {
        let root = try await registry.resolve(reference)
        let found = try await registry.image(reference, root: root, platform: platform)
        let config = try ImageConfig(json: try await registry.document(found.manifest.config, of: reference))
        return Frontend.ResolvedImage(
            digest: root.digest,
            manifest: found.descriptor.digest,
            config: config,
            platform: config.os.isEmpty ? found.descriptor.platform ?? config.platform : config.platform
        )
    }
}

/// Knows no image: for answers that must not wait for a network.
struct NoResolver: ImageResolver {
    func resolve(
        _ image: ImageLocator,
        platform: Platform,
        mode: ImageResolveMode
    ) async throws -> Frontend.ResolvedImage {
        throw ImageUnavailable("not looked up")
    }
}
