import LinuxSystem
import OCI

/// Where a cache mount comes from or goes to: an archive on this machine, or an image in a registry.
package enum CacheMountPlace: Hashable, Sendable, CustomStringConvertible {
    case file(String)
    case registry(ImageReference)

    package var description: String {
        switch self {
        case .file(let path): path
        case .registry(let reference): reference.description
        }
    }

    /// The type of the image that holds a cache mount (OCI image-spec, `artifactType`).
    package static let artifactType = "application/vnd.swbuild.cachemount.v1"
}
