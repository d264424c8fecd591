import Archive
import LinuxSystem

/// Completes an unpacked layer with what only the layers below it know.
///
/// A layer's archive need not hold the directories that lead to its files, and may link to files of lower layers.
/// Such a layer is only valid upon the parents that it was completed with.
package struct LayerFixer {
    /// A hard link whose target is not in the layer.
    package struct MissingLink: Hashable, Sendable {
        package let path: Path
        package let target: Path

        package init(path: Path, target: Path) {
            self.path = path
            self.target = target
        }
    }

    /// Completes a layer with what its unpacking reported.
    package static func complete(
        _ active: borrowing ActiveSnapshot,
        parent: borrowing MountedTree,
        _ changes: UnpackChanges
    ) throws {
        if changes.hidesParentRoot { try hideRoot(active.upper, parent: parent.root, active.marks) }
        try complete(
            active,
            parent: parent,
            impliedDirectories: changes.impliedDirectories,
            missingLinks: changes.missingLinks.map { MissingLink(path: $0.path, target: $0.target) }
        )
    }

    /// Gives implied directories the metadata that they have below, follows links that stand in their place below,
    /// and makes the missing hard links.
    ///
    /// A link whose target does not exist at all throws.
    package static func complete(
        _ active: borrowing ActiveSnapshot,
        parent: borrowing MountedTree,
        impliedDirectories: [Path],
        missingLinks: [MissingLink]
    ) throws {
        var moves: [Move] = []
        for path in impliedDirectories.sorted() {
            let present = moves.reversed().reduce(path) { path, move in move.apply(to: path) }
            if let move = try completeDirectory(present, upper: active.upper, parent: parent) {
                moves.append(move)
            }
        }
        if missingLinks.isEmpty { return }
        // The kernel copies the target up, with all that belongs to it, and then links the copy.
        let merged = try active.mount()
        for link in missingLinks {
            try merged.root.removeTree(link.path)
            try merged.root.link(link.target, to: link.path)
        }
    }

    /// Deletes each name of the parent's root, because overlay does not look at an opaque mark there.
    private static func hideRoot(
        _ upper: borrowing Directory,
        parent: borrowing Directory,
        _ marks: LayerMarks
    ) throws {
        for entry in try parent.entries() {
            switch try upper.statusIfExists(entry.name)?.kind {
            case nil: try marks.hide(entry.name, in: upper)
            case .directory: try marks.makeOpaque(upper.openDirectory(entry.name, .noSymlinks))
            default: continue
            }
        }
    }

    /// What was in one directory is in another one now.
    private struct Move {
        let source: Path
        let target: Path

        func apply(to path: Path) -> Path {
            guard path.isWithin(source) else { return path }
            return path.components.dropFirst(source.components.count).reduce(target) { $0.appending($1) }
        }
    }

    private static func completeDirectory(
        _ path: Path,
        upper: borrowing Directory,
        parent: borrowing MountedTree
    ) throws -> Move? {
        guard try upper.statusIfExists(path, .noSymlinks)?.kind == .directory,
            let below = try parent.root.statusIfExists(path)
        else { return nil }
        switch below.kind {
        case .directory: try adopt(below, path, upper: upper, parent: parent.root)
        case .symlink: return try follow(path, upper: upper, parent: parent)
        default: break
        }
        return nil
    }

    private static func adopt(
        _ status: FileStatus,
        _ path: Path,
        upper: borrowing Directory,
        parent: borrowing Directory
    ) throws {
        for attribute in try parent.extendedAttributes(path) where !OverlayAttribute.isMark(attribute.name) {
            try? upper.setExtendedAttribute(path, name: attribute.name, value: attribute.value)
        }
        try copyMetadata(of: status, to: path, in: upper)
    }

    /// Moves what the layer has in an implied directory to where the link of the same name leads below.
    private static func follow(
        _ path: Path,
        upper: borrowing Directory,
        parent: borrowing MountedTree
    ) throws -> Move? {
        guard let target = try? parent.root.openDirectory(path) else { return nil }
        let place = try parent.path(of: target)
        guard try parent.root.statusIfExists(place)?.inode == target.status("").inode else { return nil }
        var prefix: Path = ""
        for name in place.components {
            prefix = prefix.appending(name)
            if try upper.statusIfExists(prefix) != nil { continue }
            try upper.makeDirectory(prefix)
            if let below = try parent.root.statusIfExists(prefix) {
                try adopt(below, prefix, upper: upper, parent: parent.root)
            }
        }
        try moveContents(of: path, to: place, in: upper)
        try upper.removeDirectory(path, .noSymlinks)
        return Move(source: path, target: place)
    }

    private static func moveContents(of source: Path, to target: Path, in upper: borrowing Directory) throws {
        for entry in try upper.openDirectory(source, .noSymlinks).entries() {
            let from = source.appending(entry.name)
            let to = target.appending(entry.name)
            let existing = try upper.statusIfExists(to)?.kind
            if existing == .directory, try upper.status(from).kind == .directory {
                try moveContents(of: from, to: to, in: upper)
                try upper.removeDirectory(from)
            } else {
                if existing != nil { try upper.removeTree(to) }
                try upper.rename(from, to: to)
            }
        }
    }
}
