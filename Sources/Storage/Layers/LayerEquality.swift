import LinuxSystem

/// Whether two layers hold the same: names, kinds, modes, owners, extended attributes, link targets, devices, bytes, and
/// which names are links to one file.
///
/// Ends at the first difference, which is mostly found before any file is read.
struct LayerEquality: ~Copyable {
    /// Which times count.
    enum Times {
        case none
        /// Those out of the time in which each of the two layers was made.
        case except(left: ClosedRange<FileTime>, right: ClosedRange<FileTime>)
    }

    private var left: TreeWalk
    private var right: TreeWalk
    private let times: Times
    /// The first name of each file with several, on either side.
    private var links = (left: HardLinks(), right: HardLinks())
    private let bytes = ByteComparison()

    /// Compares the trees below two directories, each with the ledger of its owners, and the directories themselves.
    static func areEqual(
        _ left: borrowing Directory,
        _ right: borrowing Directory,
        times: Times = .none
    ) throws -> Bool {
        guard isEqual(try left.descriptor.status(), try right.descriptor.status(), times),
            try attributes("", left) == attributes("", right)
        else { return false }
        var comparison = LayerEquality(left: try TreeWalk(left), right: try TreeWalk(right), times)
        return try comparison.run()
    }

    private init(left: consuming TreeWalk, right: consuming TreeWalk, _ times: Times) {
        self.left = left
        self.right = right
        self.times = times
    }

    private mutating func run() throws -> Bool {
        while true {
            switch (try left.next(), try right.next()) {
            case (nil, nil): return true
            case (.enter(let first)?, .enter(let second)?):
                guard first.path == second.path, try isEqual(first, second) else { return false }
            case (.leave?, .leave?): continue
            default: return false
            }
        }
    }

    private mutating func isEqual(_ first: WalkEntry, _ second: WalkEntry) throws -> Bool {
        guard Self.isEqual(first.status, second.status, times) else { return false }
        let isOneFile = first.status.kind == .regular && first.status.identity == second.status.identity
        if first.status.kind != .directory {
            let earlier = links.left.firstName(of: first.status, at: first.path)
            guard earlier == links.right.firstName(of: second.status, at: second.path) else { return false }
            if earlier != nil || isOneFile { return true }
        }
        let (name, one, other) = (first.name, left.parent, right.parent)
        guard try Self.attributes(name, one.directory) == Self.attributes(name, other.directory) else { return false }
        switch first.status.kind {
        case .symlink: return try one.directory.readLink(name) == other.directory.readLink(name)
        case .regular:
            return try bytes.areEqual(
                one.directory.openFile(name, .readOnly, .noSymlinks),
                other.directory.openFile(name, .readOnly, .noSymlinks)
            )
        default: return true
        }
    }

    /// The attributes of a name, without those in which overlayfs notes where a file came from.
    private static func attributes(_ name: Path, _ directory: borrowing Directory) throws -> [ExtendedAttribute] {
        try directory.extendedAttributes(name).filter { !notes.contains($0.name) }
    }

    private static let notes = Set(
        ["trusted", "user"].flatMap { space in
            ["origin", "impure", "nlink", "uuid"].map { Path("\(space).overlay.\($0)") }
        }
    )

    private static func isEqual(_ first: FileStatus, _ second: FileStatus, _ times: Times) -> Bool {
        first.kind == second.kind && first.permissions == second.permissions && first.uid == second.uid
            && first.gid == second.gid && first.deviceMajor == second.deviceMajor
            && first.deviceMinor == second.deviceMinor
            && (first.kind != .regular || first.size == second.size)
            && (first.isWhiteout || haveEqualTimes(first, second, times))
    }

    private static func haveEqualTimes(_ first: FileStatus, _ second: FileStatus, _ times: Times) -> Bool {
        guard case .except(let left, let right) = times else { return true }
        return first.modified == second.modified || left.contains(first.modified) && right.contains(second.modified)
    }
}
