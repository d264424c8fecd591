import LinuxSystem
import OCI
import Operations

/// One `--cache-from`, understood (spec/05 §5.5).
struct CacheSource: Hashable, Sendable {
    var location: CacheImporter.Location
    var isInsecure = false

    /// Understands `REFERENCE`, or CSV with `type=`; a value without `=` may name several references.
    static func parse(_ text: String) throws(OptionError) -> [CacheSource] {
        let option = CacheOption("--cache-from", text)
        guard text.contains("=") else {
            var sources: [CacheSource] = []
            for name in try CSVFields(text).fields {
                sources.append(CacheSource(location: .registry(try option.reference(name))))
            }
            return sources
        }
        let (type, attributes) = try option.attributes()
        switch type {
        case "registry":
            guard let name = attributes["ref"], !name.isEmpty else { throw .conflicting("missing ref") }
            let isInsecure = try option.flag("registry.insecure", attributes) ?? false
            return [CacheSource(location: .registry(try option.reference(name)), isInsecure: isInsecure)]
        case "local":
            guard let source = attributes["src"], !source.isEmpty else {
                throw .conflicting("local cache importer requires src")
            }
            var digest: Digest?
            if let text = attributes["digest"] {
                do { digest = try Digest(text) } catch { throw option.invalid("digest=\(text)", "\(error)") }
            }
            let location = CacheImporter.Location.directory(
                Path(source),
                tag: attributes["tag"] ?? "latest",
                digest: digest
            )
            return [CacheSource(location: location)]
        case "inline":
            throw option.invalid(text, "an inline cache is read with `type=registry,ref=IMAGE`")
        case "gha", "s3", "azblob": throw option.unsupported(type)
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
        let option = CacheOption("--cache-to", text)
        guard text.contains("=") else {
            var destinations: [CacheDestination] = []
            for name in try CSVFields(text).fields {
                destinations.append(CacheDestination(kind: .registry(try option.reference(name))))
            }
            return destinations
        }
        let (type, attributes) = try option.attributes()
        var destination = CacheDestination(kind: try kind(type, attributes, option))
        destination.keepsAll = attributes["mode"] == "max"
        destination.ignoresErrors = try option.flag("ignore-error", attributes) ?? false
        destination.isInsecure = try option.flag("registry.insecure", attributes) ?? false
        destination.isImageManifest = try option.flag("image-manifest", attributes) ?? true
        destination.image.ociMediaTypes = try option.flag("oci-mediatypes", attributes) ?? true
        destination.image.forceCompression = try option.flag("force-compression", attributes) ?? false
        if let name = attributes["compression"] {
            guard let compression = LayerCompression(rawValue: name) else { throw .unsupportedCompression(name) }
            destination.image.compression = compression
        }
        if let text = attributes["compression-level"] {
            guard let level = Int(text), (0...22).contains(level) else { throw .invalidLevel(text) }
            destination.image.compressionLevel = level
        }
        return [destination]
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

    private static func kind(
        _ type: String,
        _ attributes: [String: String],
        _ option: CacheOption
    ) throws(OptionError) -> Kind {
        switch type {
        case "registry":
            guard let name = attributes["ref"], !name.isEmpty else {
                throw .conflicting("registry cache exporter requires ref")
            }
            return .registry(try option.reference(name))
        case "local":
            guard let path = attributes["dest"], !path.isEmpty else {
                throw .conflicting("local cache exporter requires dest")
            }
            let resets = try option.flag("reset", attributes) ?? false
            return .directory(path, tag: attributes["tag"] ?? "latest", resets: resets)
        case "inline": return .inline
        case "gha", "s3", "azblob": throw option.unsupported(type)
        default: throw .conflicting("unknown cache exporter: \"\(type)\"")
        }
    }
}

/// The value of one cache option.
private struct CacheOption {
    let name: String
    let text: String

    init(_ name: String, _ text: String) {
        self.name = name
        self.text = text
    }

    func attributes() throws(OptionError) -> (type: String, attributes: [String: String]) {
        var attributes: [String: String] = [:]
        for (key, value) in try CSVFields(text).pairs {
            guard let value else { throw invalid(text, "expected key=value, found `\(key)`") }
            attributes[key] = value
        }
        guard let type = attributes.removeValue(forKey: "type") else {
            throw .conflicting("type required for \"\(text)\"")
        }
        return (type, attributes)
    }

    func flag(_ key: String, _ attributes: [String: String]) throws(OptionError) -> Bool? {
        guard let value = attributes[key] else { return nil }
        return try OutputSpecification.boolean(key, value)
    }

    func reference(_ name: String) throws(OptionError) -> ImageReference {
        try BuildCommand.imageName(name, allowsDigest: true)
    }

    func invalid(_ value: String, _ reason: String) -> OptionError {
        .invalidValue(option: name, value: value, reason: reason)
    }

    func unsupported(_ type: String) -> OptionError {
        .unsupported(option: "\(name) type=\(type)", reason: "types are registry, local and inline")
    }
}
