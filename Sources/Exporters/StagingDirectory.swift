import Glibc
import LinuxSystem

/// A hidden directory inside the destination in which an output is made before it appears.
///
/// Everything that can go wrong for lack of space or of permission goes wrong here; ``merge(into:)`` then only renames.
/// Removed with all it holds when this value ends; where the process is killed, by the next export to the same place.
struct StagingDirectory: ~Copyable {
    private let parent: SharedDirectory
    private let name: Path
    /// The open staging directory.
    let directory: SharedDirectory
    /// Tells others that the directory is in use.
    private let lock: FileLock

    /// Makes a staging directory in `parent`, and removes those that nobody uses any more.
    init(in parent: SharedDirectory) throws(SystemError) {
        Self.removeLeftovers(in: parent.directory)
        let name = OutputFile.temporaryName()
        try parent.directory.makeDirectory(name, mode: 0o700)
        let directory = SharedDirectory(try parent.directory.openDirectory(name, .noSymlinks))
        let lock = try FileLock.acquire(on: directory.directory.descriptor.duplicate(), .exclusive)
        self.parent = parent
        self.name = name
        self.directory = directory
        self.lock = lock
    }

    private static func removeLeftovers(in parent: borrowing Directory) {
        guard let entries = try? parent.entries() else { return }
        for entry in entries where entry.kind == .directory && entry.name.string.hasPrefix(OutputFile.temporaryPrefix) {
            // One that was made a moment ago may not be locked yet: its process would miss it.
            guard let status = try? parent.status(entry.name), status.changed.seconds < FileTime.now.seconds - 2,
                let opened = try? parent.openDirectory(entry.name, .noSymlinks),
                let copy = try? opened.descriptor.duplicate(),
                let lock = try? FileLock.tryAcquire(on: copy, .exclusive)
            else { continue }
            try? parent.removeTree(entry.name, .noSymlinks)
            withExtendedLifetime(lock) {}
        }
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
