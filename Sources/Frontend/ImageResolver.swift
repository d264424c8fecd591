import OCI

/// Answers the only question that the frontend asks the world.
package protocol ImageResolver: Sendable {
    /// Finds an image and its configuration for a platform. Throws where there is no such image; a single manifest of
    /// another platform is no error.
    func resolve(_ image: ImageLocator, platform: Platform, mode: ImageResolveMode) async throws -> ResolvedImage
}

/// An image was not looked up or could not be, which says nothing about whether there is one.
///
/// Questions about a Dockerfile do without such images.
package struct ImageUnavailable: HintedError, CustomStringConvertible {
    /// Why.
    package let description: String
    package let hint: String?

    /// An image that is not known because of `reason`.
    package init(_ reason: String, hint: String? = nil) {
        description = reason
        self.hint = hint
    }
}

/// Where an image is to be found.
package enum ImageLocator: Hashable, Sendable {
    case registry(ImageReference)
    /// In an OCI layout directory; without tag and digest, the tag is `latest`.
    case ociLayout(path: String, tag: String?, digest: Digest?)
}

/// When a registry is asked what a tag stands for.
package enum ImageResolveMode: String, Hashable, Sendable {
    case `default`
    /// Always: `--pull`.
    case pull
    /// Only where the image isn't stored yet.
    case local
}

/// What an image was found to be.
package struct ResolvedImage: Hashable, Sendable {
    /// The digest that the reference stands for, of an index or of a manifest; it is what progress shows.
    package var digest: Digest
    /// The digest of the platform's manifest.
    package var manifest: Digest
    package var config: ImageConfig
    /// The platform of the manifest, as the index or the configuration says.
    package var platform: Platform

    /// An image with its configuration.
    package init(digest: Digest, manifest: Digest, config: ImageConfig, platform: Platform) {
        self.digest = digest
        self.manifest = manifest
        self.config = config
        self.platform = platform
    }
}
