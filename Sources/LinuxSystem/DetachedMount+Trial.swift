import Glibc

extension DetachedMount {
    /// Mounts an overlay whose directories are in `place`, and does in it what steps do.
    ///
    /// A directory of a lower layer is removed and made again (which makes it opaque), and one is renamed. Nothing of it
    /// stays.
    package static func tryOverlay(in place: borrowing Directory, userxattr: Bool) throws(SystemError) {
        let name = Path("overlay-\(getpid())")
        try place.makeDirectories(name)
        // Overlay leaves directories that only root of the namespace may open.
        defer { try? place.removeTree(name) }
        for part in ["lower/made", "lower/gone", "upper", "work"] as [Path] {
            try place.makeDirectories(name.appending(part))
        }
        let path = try place.openDirectory(name, .noSymlinks).currentPath()
        let mount = try overlay(
            .init(
                lower: [path.appending("lower")],
                upper: path.appending("upper"),
                work: path.appending("work"),
                userxattr: userxattr
            )
        )
        try mount.root.removeDirectory("made")
        try mount.root.makeDirectory("made")
        try mount.root.removeDirectory("gone")
        try mount.root.makeDirectory("new")
        try mount.root.rename("new", to: "gone")
    }
}
