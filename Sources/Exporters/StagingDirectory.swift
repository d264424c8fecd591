import Glibc
import LinuxSystem

/// A hidden directory inside the destination in which an output is made before it appears.
///
/// Everything that can go wrong for lack of space or of permission goes wrong here; ``merge(into:)`` then only renames.
/// Removed with all it holds when this value ends.
struct StagingDirectory: ~Copyable {
    private let parent: SharedDirectory
    private let name: Path
    /// The open staging directory.
    let directory: SharedDirectory

    /// Makes a staging directory in `parent`.
    init(in parent: SharedDirectory) throws(SystemError) {
        self.parent = parent
        name = Path(".swbuild-\(getpid())-\(UInt32.random(in: 0...UInt32.max))")
        try parent.directory.makeDirectory(name, mode: 0o700)
        directory = SharedDirectory(try parent.directory.openDirectory(name, .noSymlinks))
    }

    deinit {
        try? parent.directory.removeTree(name, .noSymlinks)
    }

    /// Moves everything into the destination: what has the same name is replaced, directories are merged, nothing else
    /// is touched.
    ///
    /// Conflicts of kind are found before the first rename and throw ``ExportError/conflict``.
    func merge() throws {
        try Self.check(directory.directory, parent.directory, below: "")
        try Self.move(directory.directory, parent.directory, below: "")
    }

    private static func check(
        _ staged: borrowing Directory,
        _ target: borrowing Directory,
        below path: Path
    ) throws {
        for entry in try staged.entries() {
            guard let existing = try target.statusIfExists(entry.name) else { continue }
            let isDirectory = try staged.status(entry.name).kind == .directory
            let shown = path.appending(entry.name)
            guard (existing.kind == .directory) == isDirectory else {
                throw ExportError.conflict(
                    path: shown.string,
                    existing: existing.kind == .directory ? "directory" : "\(existing.kind) file",
                    made: isDirectory ? "directory" : "file"
                )
            }
            guard isDirectory else { continue }
            try check(
                staged.openDirectory(entry.name, .noSymlinks),
                target.openDirectory(entry.name, .noSymlinks),
                below: shown
            )
        }
    }

    private static func move(
        _ staged: borrowing Directory,
        _ target: borrowing Directory,
        below path: Path
    ) throws {
        for entry in try staged.entries() {
            let status = try staged.status(entry.name)
            let existing = try target.statusIfExists(entry.name)
            guard status.kind == .directory, existing != nil else {
                try staged.rename(entry.name, to: entry.name, in: target)
                continue
            }
            let opened = try target.openDirectory(entry.name, .noSymlinks)
            try move(staged.openDirectory(entry.name, .noSymlinks), opened, below: path.appending(entry.name))
            try opened.descriptor.setPermissions(status.permissions)
            try opened.descriptor.setTimes(modified: status.modified)
        }
    }
}
