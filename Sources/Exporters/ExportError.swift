import OCI

/// Why an output could not be written.
package enum ExportError: HintedError, Hashable, Sendable {
    /// A directory of the destination stands where the result has a file, or the other way round.
    case conflict(path: String, existing: String, made: String)
    /// Two platforms make the same path with `platform-split=false`.
    case overwritten(path: String, platform: String, earlier: String)
    case severalPlatforms(type: String)
    case invalidLayout(path: String, reason: String)
    case failed(destination: String, reason: String)
}

extension ExportError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .conflict(let path, let existing, let made):
            "cannot export `\(path)`: there is a \(existing) where the result has a \(made)"
        case .overwritten(let path, let platform, let earlier):
            "cannot overwrite \(path) from \(earlier) with \(platform) when split option is disabled"
        case .severalPlatforms(let type): "\(type) exporter does not currently support exporting manifest lists"
        case .invalidLayout(let path, let reason): "cannot write OCI layout `\(path)`: \(reason)"
        case .failed(let destination, let reason): "cannot write output `\(destination)`: \(reason)"
        }
    }

    /// What the user may do about it, where there is something.
    package var hint: String? {
        switch self {
        case .conflict: "move it away, or choose another destination; nothing was changed"
        case .overwritten: "leave out `platform-split=false`"
        case .severalPlatforms: "use the oci exporter instead"
        case .invalidLayout, .failed: nil
        }
    }
}
