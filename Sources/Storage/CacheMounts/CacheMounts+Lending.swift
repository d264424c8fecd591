import Glibc
import LinuxSystem

// Where nothing can be mounted, a volume is moved into the tree of the step that uses it, and back afterwards.
extension CacheMounts {
    /// A volume that is away: its name, and the inode by which it is found again.
    private struct Loan {
        let name: Path
        let inode: UInt64
        /// Where it was put, as the kernel names it.
        let place: Path

        init(name: Path, inode: UInt64, place: Path) {
            self.name = name
            self.inode = inode
            self.place = place
        }

        init?(line: ArraySlice<UInt8>) {
            let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
            guard fields.count == 3, let inode = UInt64(String(decoding: fields[1], as: UTF8.self)) else { return nil }
            self.init(name: Path(bytes: Array(fields[0])), inode: inode, place: Path(bytes: Array(fields[2])))
        }

        /// A name with a line end in it cannot be noted.
        var line: [UInt8]? {
            place.bytes.contains(UInt8(ascii: "\n")) ? nil : Array("\(name) \(inode) ".utf8) + place.bytes + [10]
        }
    }

    private static let journal: Path = "volumes"

    /// Whether a path is that of a volume.
    package func isVolume(_ path: Path) throws -> Bool {
        try path.parent == mounts.directory.currentPath()
    }

    /// Moves a volume, of which the caller has exclusive use, to a free name in the tree of a step.
    ///
    /// It is noted beside the tree first: if this process is killed, the next one brings the volume back.
    package func lend(_ volume: Path, to tree: Path, at place: Path) throws {
        guard let name = volume.lastComponent else { throw SystemError("mount", volume, code: EINVAL) }
        let status = try mounts.directory.status(name, .noSymlinks)
        guard let line = Loan(name: name, inode: status.inode, place: place).line else {
            throw SystemError("mount", place, code: EINVAL)
        }
        let journal = try Directory.open(tree.parent)
            .openFile(Self.journal, [.writeOnly, .create, .append], mode: 0o600, .noSymlinks)
        try journal.writeAll(line)
        try mounts.directory.rename(name, to: place.lastComponent ?? "", in: Directory.open(place.parent))
        // Whoever looks for it meanwhile finds that it is in use.
        try mounts.directory.makeDirectory(name, mode: 0o700)
    }

    /// Brings back a volume that is in the tree of a step, wherever the step has put it.
    package func takeBack(_ volume: Path, from tree: Path) throws {
        let home = try Directory.open(tree.parent)
        let loans = try home.readFile(Self.journal).split(separator: 10).compactMap(Loan.init(line:))
        guard let loan = loans.last(where: { $0.name == volume.lastComponent }) else { return }
        try Self.takeBack(loan, from: home, to: mounts.directory)
    }

    /// Brings back the volumes that are left in the tree of a step, and ends the notes about them.
    package func endLoans(to tree: Path) throws {
        try Self.takeBack(from: Directory.open(tree.parent), to: mounts.directory)
    }

    /// Brings back the volumes of the tree that is in `home`.
    static func takeBack(from home: borrowing Directory, to mounts: borrowing Directory) throws {
        guard try home.statusIfExists(journal) != nil else { return }
        let lines = try home.readFile(journal).split(separator: 10)
        // What was put into another volume comes first.
        for loan in lines.compactMap(Loan.init(line:)).reversed() { try takeBack(loan, from: home, to: mounts) }
        try home.remove(journal)
    }

    private static func takeBack(
        _ loan: Loan,
        from home: borrowing Directory,
        to mounts: borrowing Directory
    ) throws {
        let present = try mounts.statusIfExists(loan.name, .noSymlinks)
        if present?.inode == loan.inode { return }
        guard let place = try find(loan, in: home) else { return }
        // The empty one that stood for it.
        if present != nil { try mounts.removeDirectory(loan.name, .noSymlinks) }
        try home.rename(place, to: loan.name, in: mounts)
    }

    /// Where the volume is below `home`: in its place, or elsewhere if the step has moved it.
    private static func find(_ loan: Loan, in home: borrowing Directory) throws -> Path? {
        let top = try home.currentPath()
        if loan.place.isWithin(top) {
            let place = Path(bytes: Array(loan.place.bytes.dropFirst(top.bytes.count))).relative
            let status = try? home.statusIfExists(place, .noSymlinks)
            if let status, status.inode == loan.inode { return place }
        }
        var found: Path?
        try walk(home, sorted: false) { entry, _ in
            guard entry.status.kind == .directory, entry.status.inode == loan.inode else { return .descend }
            found = entry.path
            return .stop
        }
        return found
    }
}
