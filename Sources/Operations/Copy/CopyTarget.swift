import Glibc
import LinuxSystem

/// A directory of the destination that is being filled.
final class CopyTarget {
    /// Where entries are made.
    let directory: Directory
    /// Relative to the root.
    let path: Path
    /// Whether it is a directory of the new layer, and holds nothing but what is in that.
    let isInLayer: Bool
    private var layer: SharedDirectory?
    private var earlier: SharedDirectory??

    init(_ directory: consuming Directory, _ path: Path, isInLayer: Bool) {
        self.directory = directory
        self.path = path
        self.isInLayer = isInLayer
    }

    /// What of the directory is in the new layer, where overlay has to put it first if there is nothing yet; `nil` where that
    /// is found out only later.
    func layer(_ root: WritableRoot) throws -> SharedDirectory? {
        if let layer { return layer }
        guard isInLayer || root.layer != nil else { return nil }
        let opened = SharedDirectory(try isInLayer ? directory.duplicate() : copiedUp(root))
        layer = opened
        return opened
    }

    private func copiedUp(_ root: WritableRoot) throws -> Directory {
        guard let layer = root.layer else { throw SystemError("open", path, code: ENOENT) }
        if path.isEmpty { return try layer.directory.duplicate() }
        do {
            return try layer.directory.openDirectory(path, .noSymlinks)
        } catch {
            guard error.isNotFound else { throw error }
        }
        // Any change makes overlay copy a directory up.
        try directory.descriptor.setPermissions(try directory.descriptor.status().permissions)
        return try layer.directory.openDirectory(path, .noSymlinks)
    }

    /// The same directory of the earlier layer; `nil` if there is none.
    func earlier(_ sharing: CopySharing) -> SharedDirectory? {
        if let earlier { return earlier }
        let opened = sharing.directory(path)
        earlier = .some(opened)
        return opened
    }
}
