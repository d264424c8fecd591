import BuildGraph
import OCI

/// A cache elsewhere, of which no layer has been fetched.
package struct ImportedCache: Sendable {
    /// What it is called in messages.
    package let name: String
    let origin: ImagePuller.Origin
    let contents: CacheContents
}

/// A result whose layers are in a cache elsewhere.
package struct ImportedResult: Sendable {
    /// The key that it was found by.
    package let key: CacheKey
    /// Lowest first.
    package let layers: [ImportedLayer]
    package let cache: ImportedCache
}

/// That what an imported cache promised could not be had: the build can go on without it.
package struct ImportFailure: Error, CustomStringConvertible {
    /// The cache's name.
    package let name: String
    package let reason: String

    package var description: String { "cache \(name): \(reason)" }
}
