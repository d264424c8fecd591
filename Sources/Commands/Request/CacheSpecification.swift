import LinuxSystem
import OCI
import Operations

/// One `--cache-from`, understood (spec/05 §5.5).
struct CacheSource: Hashable, Sendable {
    var location: CacheImporter.Location
    var isInsecure = false

    /// Understands `REFERENCE`, or CSV with `type=`; a value without `=` may name several references.
    static func parse(_ text: String) throws(OptionError) -> [CacheSource] {
        switch try CacheValue(text, option: "--cache-from") {
        case .references(let references): references.map { CacheSource(location: .registry($0)) }
        case .typed(let type, let attributes): [try source(type, attributes)]
        }
    }

    private static func source(_ type: String, _ attributes: TypedAttributes) throws(OptionError) -> CacheSource {
        switch type {
        case "registry":
            let reference = try attributes.reference(orThrow: .conflicting("missing ref"))
            let isInsecure = try attributes.flag("registry.insecure") ?? false
            return CacheSource(location: .registry(reference), isInsecure: isInsecure)
        case "local":
            guard let source = attributes.text("src") else {
                throw .conflicting("local cache importer requires src")
            }
            var digest: Digest?
            if let text = attributes["digest"] {
                do { digest = try Digest(text) } catch { throw attributes.invalid("digest=\(text)", "\(error)") }
            }
            let tag = attributes["tag"] ?? "latest"
            return CacheSource(location: .directory(Path(source), tag: tag, digest: digest))
        case "inline":
            throw attributes.invalid("an inline cache is read with `type=registry,ref=IMAGE`")
        default: throw .conflicting("unknown cache importer: \"\(type)\"")
        }
    }
}

/// One `--cache-to`, understood (spec/05 §5.5).
struct CacheDestination: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case registry(ImageReference)
        case directory(String, tag: String, resets: Bool)
        /// In the configuration of the image that is written.
        case inline

        var name: String {
            switch self {
            case .registry: "registry"
            case .directory: "local"
            case .inline: "inline"
            }
        }
    }

    var kind: Kind
    /// Whether the results of all steps are kept, and not only those that have blobs anyway.
    var keepsAll = false
    var ignoresErrors = false
    var isInsecure = false
    var isImageManifest = true
    /// Media types and compression; nothing else of it counts.
    var image = ImageAttributes()

    /// Understands `REFERENCE`, or CSV with `type=`.
    static func parse(_ text: String) throws(OptionError) -> [CacheDestination] {
        switch try CacheValue(text, option: "--cache-to") {
        case .references(let references): return references.map { CacheDestination(kind: .registry($0)) }
        case .typed(let type, let attributes):
            var destination = CacheDestination(kind: try kind(type, attributes))
            destination.keepsAll = attributes["mode"] == "max"
            destination.ignoresErrors = try attributes.flag("ignore-error") ?? false
            destination.isInsecure = try attributes.flag("registry.insecure") ?? false
            destination.isImageManifest = try attributes.flag("image-manifest") ?? true
            for key in ["oci-mediatypes", "force-compression", "compression", "compression-level"] {
                if let value = attributes[key] { _ = try destination.image.set(key, value) }
            }
            return [destination]
        }
    }

    /// All destinations of a command line; the same one twice is refused.
    static func parseAll(_ texts: [String]) throws(OptionError) -> [CacheDestination] {
        var destinations: [CacheDestination] = []
        for text in texts {
            for destination in try parse(text) {
                guard !destinations.contains(destination) else {
                    throw .conflicting("duplicate cache exports [\(destination.kind.name)]")
                }
                destinations.append(destination)
            }
        }
        return destinations
    }

    private static func kind(_ type: String, _ attributes: TypedAttributes) throws(OptionError) -> Kind {
        switch type {
        case "registry":
            return .registry(try attributes.reference(orThrow: .conflicting("registry cache exporter requires ref")))
        case "local":
            guard let path = attributes.text("dest") else {
                throw .conflicting("local cache exporter requires dest")
            }
            let resets = try attributes.flag("reset") ?? false
            return .directory(path, tag: attributes["tag"] ?? "latest", resets: resets)
        case "inline": return .inline
        default: throw .conflicting("unknown cache exporter: \"\(type)\"")
        }
    }
}

/// The value of `--cache-from` or `--cache-to`.
private enum CacheValue {
    /// Names of images, without anything else.
    case references([ImageReference])
    case typed(String, TypedAttributes)

    init(_ text: String, option: String) throws(OptionError) {
        let fields = try CSVFields(text)
        guard text.contains("=") else {
            var references: [ImageReference] = []
            for name in fields.fields { references.append(try TypedAttributes.reference(name)) }
            self = .references(references)
            return
        }
        let attributes = try TypedAttributes(fields, of: text, option: option)
        guard let type = attributes.type else { throw .conflicting("type required for \"\(text)\"") }
        if ["gha", "s3", "azblob"].contains(type) {
            let reason = "types are registry, local and inline"
            throw .unsupported(option: "\(option) type=\(type)", reason: reason)
        }
        self = .typed(type, attributes)
    }
}
