import Glibc
import LinuxSystem

/// The tree of a step that runs without mounts: what would be mounted is put into it, and afterwards taken out again,
/// so that it is in no layer.
///
/// Symbolic links of the image are followed inside the tree only. Nobody else may change the tree while this does.
final class StagedTree {
    /// Something that was put in.
    private struct Placement {
        /// Without links, relative to the root.
        let parent: Path
        let name: Path
        /// What had the name before, as it is called in `aside`.
        let hidden: Path?
        /// The cache volume that it is.
        let volume: Path?
    }

    let path: Path
    private let root: Directory
    private let aside: Directory
    private var placements: [Placement] = []
    /// Directories that were made to put something in, topmost first.
    private var stubs: [Path] = []

    /// Works on the tree at `path`; what is in the way is kept beside it meanwhile.
    init(_ path: Path) throws {
        self.path = path
        let root = try Directory.open(path)
        let home = try Directory.open(path.parent)
        try home.makeDirectories("aside", mode: 0o700)
        aside = try home.openDirectory("aside", .noSymlinks)
        self.root = root
    }

    /// Makes a name free, and then with `make` puts something there: it is given the parent, open, and the name.
    func put(_ target: Path, volume: Path? = nil, _ make: (borrowing Directory, Path) throws -> Void) throws {
        let place = try LinkResolver.resolve(target, in: root, followLast: true, mayBeMissing: .all)
        guard let name = place.lastComponent else { throw SystemError("mount", target, code: EBUSY) }
        try makeParents(of: place)
        let parent = try root.openDirectory(place.parent, .noSymlinks)
        try keepingTime(of: parent) {
            var hidden: Path?
            if try parent.statusIfExists(name, .noSymlinks) != nil {
                let kept = Path("\(placements.count)")
                try parent.rename(name, to: kept, in: aside)
                hidden = kept
            }
            // Noted first: what is half made is removed, too.
            placements.append(Placement(parent: place.parent, name: name, hidden: hidden, volume: volume))
            try make(parent, name)
        }
    }

    /// Takes out everything, the last first, and puts back what was hidden; `takeBack` is given the volumes.
    ///
    /// What the step has removed together with the directory above stays removed.
    func restore(takeBack: (Path) throws -> Void) throws {
        while let placement = placements.popLast() {
            if let volume = placement.volume { try takeBack(volume) }
            do throws(SystemError) {
                let parent = try root.openDirectory(placement.parent, .noSymlinks)
                try restore(placement, in: parent)
            } catch {
                // The step put something else in the place of a parent, or nothing.
                guard error.isNotFound || error.code == ELOOP else { throw error }
            }
        }
        while let stub = stubs.popLast() { try removeStub(stub) }
    }

    private func restore(_ placement: Placement, in parent: borrowing Directory) throws(SystemError) {
        let time = try parent.descriptor.status().modified
        try parent.removeTree(placement.name, .noSymlinks)
        if let hidden = placement.hidden { try aside.rename(hidden, to: placement.name, in: parent) }
        try parent.descriptor.setTimes(modified: time)
    }

    /// Where a volume is, relative to the root, if it was put in.
    func place(ofVolume volume: Path) -> Path? {
        placements.first { $0.volume == volume }.map { $0.parent.appending($0.name) }
    }

    private func makeParents(of place: Path) throws {
        var above: Path = ""
        for name in place.parent.components {
            let next = above.appending(name)
            if try root.statusIfExists(next, .noSymlinks) == nil {
                let parent = try root.openDirectory(above, .noSymlinks)
                try keepingTime(of: parent) { try parent.makeDirectory(name, mode: 0o755, .noSymlinks) }
                stubs.append(next)
            }
            above = next
        }
    }

    /// Leaves a directory alone that the step has put something in.
    private func removeStub(_ path: Path) throws {
        do throws(SystemError) {
            let parent = try root.openDirectory(path.parent, .noSymlinks)
            let time = try parent.descriptor.status().modified
            guard let name = path.lastComponent else { return }
            try parent.removeDirectory(name, .noSymlinks)
            try parent.descriptor.setTimes(modified: time)
        } catch {
            guard error.isNotFound || error.code == ELOOP || error.code == ENOTEMPTY else { throw error }
        }
    }

    private func keepingTime(of directory: borrowing Directory, _ change: () throws -> Void) throws {
        let time = try directory.descriptor.status().modified
        try change()
        try directory.descriptor.setTimes(modified: time)
    }
}
