import Glibc
import LinuxSystem

/// How the directory of a layer says what it deletes of the layers below.
package enum LayerMarks: Hashable, Sendable {
    /// As overlayfs reads it: character devices 0:0, and an attribute on opaque directories.
    case overlay(userxattr: Bool)
    /// As every filesystem takes it from everybody: sockets without permissions; in an opaque directory, one of them
    /// has a name that no file of an image can have. An overlay mount itself refuses overlay's own devices (EPERM).
    case portable

    /// Marks `name` as deleted; the name must be free.
    package func hide(
        _ name: Path,
        in directory: borrowing Directory,
        _ resolution: Directory.Resolution = .noSymlinks
    ) throws(SystemError) {
        switch self {
        case .overlay: try directory.makeNode(name, kind: .characterDevice, mode: 0, resolution)
        case .portable: try directory.makeNode(name, kind: .socket, mode: 0, resolution)
        }
    }

    /// Marks an open directory as opaque: nothing of the layers below is seen in it.
    package func makeOpaque(_ directory: borrowing Directory) throws(SystemError) {
        switch self {
        case .overlay(let userxattr):
            let name = Self.attribute(userxattr: userxattr)
            try directory.descriptor.setExtendedAttribute(name: name, value: Array("y".utf8))
        case .portable:
            do throws(SystemError) {
                try directory.makeNode(Self.opaqueName, kind: .socket, mode: 0, .noSymlinks)
            } catch {
                guard error.code == EEXIST else { throw error }
            }
        }
    }

    /// Whether the directory `name` is marked as opaque.
    package func isOpaque(_ name: Path, in parent: borrowing Directory) throws(SystemError) -> Bool {
        switch self {
        case .overlay(let userxattr):
            let attribute = Self.attribute(userxattr: userxattr)
            return try parent.extendedAttribute(name, name: attribute, .noSymlinks) == Array("y".utf8)
        case .portable:
            return try parent.statusIfExists(name.appending(Self.opaqueName), .noSymlinks)?.isWhiteout == true
        }
    }

    /// As in an archive of a layer.
    private static let opaqueName: Path = ".wh..wh..opq"

    private static func attribute(userxattr: Bool) -> Path {
        userxattr ? "user.overlay.opaque" : "trusted.overlay.opaque"
    }
}
