import Glibc
import LinuxSystem
import Synchronization

/// A directory of the destination that is being filled.
final class CopyTarget {
    /// Where entries are made.
    let directory: SharedDirectory
    /// Relative to the root.
    let path: Path
    /// Whether it is a directory of the new layer, and holds nothing but what is in that.
    let isInLayer: Bool
    let filling: Filling
    private var layer: SharedDirectory?
    private var earlier: SharedDirectory??

    init(_ directory: consuming Directory, _ path: Path, isInLayer: Bool) {
        let directory = SharedDirectory(directory)
        self.directory = directory
        self.path = path
        self.isInLayer = isInLayer
        filling = Filling(directory)
    }

    /// What of the directory is in the new layer, where overlay has to put it first if there is nothing yet; `nil` where that
    /// is found out only later.
    func layer(_ root: WritableRoot) throws -> SharedDirectory? {
        if isInLayer { return directory }
        if let layer { return layer }
        guard root.layer != nil else { return nil }
        let opened = SharedDirectory(try copiedUp(root))
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
        try directory.directory.descriptor.setPermissions(try directory.directory.descriptor.status().permissions)
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

extension CopyTarget {
    /// What is still to be put into a directory by other threads.
    ///
    /// Each name changes the directory's own time, so that is set when the last one is there.
    final class Filling: Sendable {
        private struct State {
            var missing = 0
            /// The time to set, once the walk has left the directory.
            var time: FileTime?
        }

        private let directory: SharedDirectory
        private let state = Mutex(State())

        fileprivate init(_ directory: SharedDirectory) {
            self.directory = directory
        }

        /// A name will be made.
        func begin() { state.withLock { $0.missing += 1 } }

        /// The name is made.
        func end() throws {
            try setTime { $0.missing -= 1 }
        }

        /// No more names will begin, and this is the directory's time.
        func finish(_ time: FileTime) throws {
            try setTime { $0.time = time }
        }

        private func setTime(_ change: (inout State) -> Void) throws {
            let time = state.withLock { state in
                change(&state)
                return state.missing == 0 ? state.time : nil
            }
            if let time { try directory.directory.descriptor.setTimes(modified: time) }
        }
    }
}
