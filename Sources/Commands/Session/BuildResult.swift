import OCI

/// What a build made.
struct BuildResult: Sendable {
    /// The digest of the image's index, or of its only manifest; nil where no image was made.
    var image: Descriptor?
    /// The digest of the configuration of a single image.
    var config: Digest?
    /// The image's names, in full form.
    var names: [ImageReference] = []

    /// What `-q` and `--iidfile` show: the configuration's digest, else the index's.
    var imageID: Digest? { config ?? image?.digest }

    /// The metadata file (spec/09 §9.6): two-space indented, sorted keys, absent ones left out.
    var metadata: JSONText {
        var members: [(String, JSONText)] = []
        if let config { members.append(("containerimage.config.digest", .string(config.description))) }
        if let image {
            members.append(("containerimage.descriptor", image.json))
            members.append(("containerimage.digest", .string(image.digest.description)))
        }
        if !names.isEmpty { members.append(("image.name", .string(names.map(\.description).joined(separator: ",")))) }
        return .object(members)
    }
}
