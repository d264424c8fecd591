import Glibc
import LinuxSystem

// The file that a system call is about.
extension SystemCall {
    /// Opens it as a place (O_PATH); throws what the call would fail with.
    func open(_ place: CallPlace) throws(SystemError) -> FileDescriptor {
        let flags = place.flags.map { Int32(bitPattern: number($0)) } ?? 0
        guard let index = place.path else { return try process.open("", relativeTo: directory(of: place), .pathOnly) }
        let path = self[index] == 0 && flags & Self.emptyPath != 0 ? Path("") : try process.path(self[index])
        if path.isEmpty, flags & Self.emptyPath == 0 { throw SystemError("open", code: ENOENT) }
        let follows = flags & AT_SYMLINK_FOLLOW != 0 || (place.follows && flags & AT_SYMLINK_NOFOLLOW == 0)
        return try process.open(
            path,
            relativeTo: directory(of: place),
            follows ? .pathOnly : [.pathOnly, .noFollow]
        )
    }

    /// Whether the call is about the file of a descriptor, whatever a path says.
    func isAboutDescriptor(_ place: CallPlace) throws(SystemError) -> Bool {
        guard place.directory != nil else { return false }
        guard let path = place.path else { return true }
        guard let flags = place.flags, Int32(bitPattern: number(flags)) & Self.emptyPath != 0 else { return false }
        if self[path] == 0 { return true }
        return try process.bytes(self[path], count: 1) == [0]
    }

    /// The descriptor that the path is relative to, or that is the file.
    func directory(of place: CallPlace) -> Int32 {
        place.directory.map { descriptor($0) } ?? CallingProcess.workingDirectory
    }

    /// The flag AT_EMPTY_PATH.
    static let emptyPath: Int32 = 0x1000

    /// Writes the status of an open file, as a record says, to where the caller wants it; false for an architecture whose
    /// form of it is not known here.
    func giveStatus(
        of file: borrowing FileDescriptor,
        _ record: OwnerRecord,
        _ buffer: Int,
        _ layout: SupervisedCall.StatusLayout
    ) throws(SystemError) -> Bool {
        let status: [UInt8]
        switch layout {
        case .native: status = try file.nativeStatus(record)
        case .narrow: status = try file.narrowStatus(record, architecture: architecture)
        case .extended: status = try file.extendedStatus(record, flags: number(2), mask: number(3))
        }
        if status.isEmpty { return false }
        try process.write(self[buffer], status)
        return true
    }

    /// A name that a call makes, and the directory that it will be in, open as a place.
    struct NewName: ~Copyable {
        let parent: FileDescriptor
        let name: Path
    }

    /// What the call makes; throws what mknod(2) would fail with.
    func newName(_ place: CallPlace) throws(SystemError) -> NewName {
        guard let index = place.path else { throw SystemError("make node", code: EINVAL) }
        let path = try process.path(self[index])
        guard let name = path.lastComponent, name != ".", name != ".." else {
            throw SystemError("make node", path, code: path.isEmpty ? ENOENT : EEXIST)
        }
        let above = path.parent.isEmpty ? "." : path.parent
        let parent = try process.open(above, relativeTo: directory(of: place), [.pathOnly, .directory])
        return NewName(parent: parent, name: name)
    }
}
