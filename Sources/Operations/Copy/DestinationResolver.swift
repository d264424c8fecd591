import Glibc
import LinuxSystem

/// Finds, and makes where it is missing, the place to which a copied item goes (spec/01 §1.10, rules 4 to 7).
struct DestinationResolver {
    let root: SharedDirectory
    let attributes: FileAttributes
    /// Whether missing parents are made.
    let createsParents: Bool
    /// Whether a link at the destination is replaced rather than followed.
    let replacesExisting: Bool

    /// The place for `item` copied to `destination` as it is written, with `contentsOnly` for directories.
    func resolve(
        _ destination: String,
        for item: SourceSelection.Item,
        contentsOnly: Bool
    ) throws -> CopyVisitor.Destination {
        let path = Path(destination).lexicallyNormalized()
        let isDirectory = item.status.kind == .directory
        if isDirectory, contentsOnly {
            return try inDirectory(path, name: nil)
        }
        let asDirectory = destination.hasSuffix("/") || destination.hasSuffix("/.") || path.components.isEmpty
        if try asDirectory || isExistingDirectory(path) {
            return try inDirectory(path, name: item.name.lastComponent)
        }
        let parent = try inDirectory(path.parent, name: path.lastComponent)
        guard !replacesExisting, let name = path.lastComponent else { return parent }
        // A link that stands at the destination is followed inside the root, and stays.
        let target = try LinkResolver.resolve(
            parent.directory.appending(name),
            in: root.directory,
            followLast: true,
            mayBeMissing: .last
        )
        let isNew = parent.isNew && target.parent == parent.directory
        return CopyVisitor.Destination(directory: target.parent, isNew: isNew, name: target.lastComponent)
    }

    private func inDirectory(_ path: Path, name: Path?) throws -> CopyVisitor.Destination {
        let (place, isNew) = try directory(path)
        return CopyVisitor.Destination(directory: place, isNew: isNew, name: name)
    }

    /// Makes the directory at `path` and the missing ones above it, and gives its place without links, and whether it was
    /// made.
    func directory(_ path: Path) throws -> (place: Path, isNew: Bool) {
        do {
            let place = try LinkResolver.resolve(path, in: root.directory, followLast: true, mayBeMissing: .all)
            if place.isEmpty { return (place, false) }
            if let status = try root.directory.statusIfExists(place, .noSymlinks) {
                guard status.kind == .directory else { throw OperationError.directoryOverFile(path.string) }
                return (place, false)
            }
            guard createsParents else { throw SystemError("open", path, code: ENOENT) }
            let made = try root.directory.makeDirectories(place, mode: attributes.directoryPermissions, .noSymlinks)
            for path in made {
                try root.directory.setOwner(path, uid: attributes.uid ?? 0, gid: attributes.gid ?? 0)
                if let time = attributes.time { try root.directory.setTimes(path, modified: time) }
            }
            return (place, !made.isEmpty)
        } catch let error as SystemError where error.code == ENOTDIR {
            throw OperationError.directoryOverFile(path.string)
        }
    }

    private func isExistingDirectory(_ path: Path) throws -> Bool {
        try root.directory.statusIfExists(path, followSymlink: true)?.kind == .directory
    }
}
