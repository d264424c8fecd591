import BuildGraph
import LinuxSystem
import Storage

/// Carries out the actions of a file operation on a mounted root, in order.
struct FileRunner {
    let root: WritableRoot
    let cancellation: CancellationFlag
    var sharing: CopySharing?
    /// Get what is copied, by input index.
    var listers: [Int: ContentLister] = [:]
    var writeBehind: WriteBehind?

    /// Runs `operation`; `trees` are the sources by input index.
    func run(_ operation: FileOperation, trees: [Int: SourceTree]) throws {
        for action in operation.actions {
            try cancellation.check()
            switch action {
            case .copy(let copy):
                guard let input = copy.input, let tree = trees[input] else { continue }
                let runner = CopyRunner(
                    root: root,
                    cancellation: cancellation,
                    sharing: sharing,
                    lister: listers[input],
                    writeBehind: writeBehind
                )
                try runner.run(copy, from: tree)
            case .makeFile(let file): try make(file, in: root.directory())
            case .makeDirectory(let directory): try make(directory, in: root.directory())
            case .makeSymlink(let link): try make(link, in: root.directory())
            case .remove(let remove): try self.remove(remove, in: root.directory())
            }
        }
    }

    private func make(_ file: MakeFileAction, in root: SharedDirectory) throws {
        let owner = try file.owner.map { try ResolvedOwner($0, in: root.directory) }
        let path = Path(file.path).lexicallyNormalized()
        try root.directory.makeDirectories(path.parent)
        let target = try LinkResolver.resolve(path, in: root.directory, followLast: true, mayBeMissing: .last)
        // A file that is there may be one of a layer.
        if let existing = try root.directory.statusIfExists(target, .noSymlinks), existing.kind != .directory {
            try root.directory.remove(target, .noSymlinks)
        }
        let opened = try root.directory.openFile(
            target,
            [.writeOnly, .create, .exclusive, .noFollow],
            mode: file.mode,
            .noSymlinks
        )
        try opened.writeAll(file.data)
        try opened.setOwner(uid: owner?.uid ?? 0, gid: owner?.gid ?? 0)
        try opened.setPermissions(file.mode)
        if let time = Self.time(file.timestamp) { try opened.setTimes(modified: time) }
    }

    private func make(_ directory: MakeDirectoryAction, in root: SharedDirectory) throws {
        let owner = try directory.owner.map { try ResolvedOwner($0, in: root.directory) }
        let path = Path(directory.path).lexicallyNormalized()
        if !directory.makeParents { return try root.directory.makeDirectory(path, mode: directory.mode) }
        let place = try LinkResolver.resolve(path, in: root.directory, followLast: true, mayBeMissing: .all)
        for made in try root.directory.makeDirectories(place, mode: directory.mode, .noSymlinks) {
            try root.directory.setOwner(made, uid: owner?.uid ?? 0, gid: owner?.gid ?? 0)
            if let time = Self.time(directory.timestamp) { try root.directory.setTimes(made, modified: time) }
        }
    }

    private func make(_ link: MakeSymlinkAction, in root: SharedDirectory) throws {
        let owner = try link.owner.map { try ResolvedOwner($0, in: root.directory) }
        let path = Path(link.path).lexicallyNormalized()
        try root.directory.symlink(target: Path(link.target), at: path)
        try root.directory.setOwner(path, uid: owner?.uid ?? 0, gid: owner?.gid ?? 0)
        if let time = Self.time(link.timestamp) { try root.directory.setTimes(path, modified: time) }
    }

    private func remove(_ action: RemoveAction, in root: SharedDirectory) throws {
        guard !action.allowWildcard else { throw OperationError.unsupported("removal by wildcard") }
        let path = Path(action.path).lexicallyNormalized()
        if !action.allowNotFound { _ = try root.directory.status(path) }
        try root.directory.removeTree(path)
    }

    private static func time(_ nanoseconds: Int64?) -> FileTime? {
        nanoseconds.map { FileTime(seconds: $0 / 1_000_000_000, nanoseconds: UInt32($0 % 1_000_000_000)) }
    }
}
