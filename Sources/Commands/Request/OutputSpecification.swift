import OCI

/// One `-o/--output`, understood (spec/02 §2.3, spec/04 §4.1).
package struct OutputSpecification: Hashable, Sendable {
    /// What is written.
    package enum Kind: String, Sendable, CaseIterable {
        case local
        case tar
        case oci
        case docker
        case image
        case cacheonly
    }

    /// Where it is written.
    package enum Destination: Hashable, Sendable {
        case standardOutput
        case path(String)
        /// The type has no destination of its own (`image`, `cacheonly`).
        case none
    }

    /// The `source-date-epoch` of an output.
    package enum Epoch: Hashable, Sendable {
        case ofBuild
        case none
        /// Seconds since 1970.
        case seconds(Int64)

        /// The epoch in force where the build's own is `build`.
        func resolved(_ build: Int64?) -> Int64? {
            switch self {
            case .ofBuild: build
            case .none: nil
            case .seconds(let seconds): seconds
            }
        }
    }

    package var kind: Kind
    package var destination: Destination
    /// False writes an OCI layout directory where the type is otherwise one tar file.
    package var isTar = true
    package var image = ImageAttributes()
    package var sourceDateEpoch = Epoch.ofBuild
    /// A sub-directory per platform; nil means: when there are several platforms.
    package var platformSplit: Bool?
}

/// The attributes of an output that writes an image.
package struct ImageAttributes: Hashable, Sendable {
    package var names: [String] = []
    package var compression = LayerCompression.gzip
    package var compressionLevel: Int?
    package var forceCompression = false
    package var ociMediaTypes = true
    package var rewriteTimestamp = false
    package var push = false
    package var insecureRegistry = false
    /// Annotations of the manifest.
    package var annotations: [String: String] = [:]
}
