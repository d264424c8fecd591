import OCI

/// How the blob of a layer is encoded, as the database names it.
package enum LayerEncoding: Hashable, Sendable {
    /// The blob that an image came with.
    case original(LayerCompression)
    /// A blob that was made here; with `epoch`, later times of its entries were set to it.
    case made(LayerCompression, level: Int?, epoch: Int64?)

    /// The name in the database.
    package var name: String {
        switch self {
        case .original(let compression): "original \(compression.rawValue)"
        case .made(let compression, let level, let epoch):
            compression.rawValue + (level.map { " level \($0)" } ?? "") + (epoch.map { " epoch \($0)" } ?? "")
        }
    }
}
