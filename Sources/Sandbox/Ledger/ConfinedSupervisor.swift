import Glibc
import LinuxSystem

/// Answers the calls of a step without namespaces: those about devices, and those by which a process asks about itself,
/// since nothing can be mounted on `/proc`.
///
/// Of `/proc/self` there are files that can be read, the descriptors in `fd`, and what `exe`, `cwd` and `root` lead to.
/// No directory of proc is ever handed over: through one a step would be outside.
package struct ConfinedSupervisor: SystemCallHandler {
    private var devices: DeviceSupervisor

    /// A supervisor that leaves devices to another one.
    package init(devices: DeviceSupervisor) {
        self.devices = devices
    }

    package mutating func answer(
        _ call: SystemCall,
        _ listener: borrowing SystemCallListener
    ) -> SystemCallAnswer? {
        let meaning = LedgerProgram.call(architecture: call.architecture, number: call.number)
        guard case .some(let place) = meaning?.pathOfProcess else { return devices.answer(call, listener) }
        // Where the path cannot be read (another user's, in a container), the kernel says what there is: nothing.
        guard let index = place.path, let path = try? call.process.path(call[index]),
            let file = ProcessFile(path, process: call.process.id)
        else { return devices.answer(call, listener) }
        do throws(SystemError) {
            switch meaning {
            case .open(_, let flags, _): return try open(file, call, flags: call.number(flags), listener)
            case .readLink(_, let buffer): return try readLink(file, call, buffer)
            case .changeMode(_, let mode): return try changeMode(file, call, mode: call.number(mode) & 0o7777)
            case .access(_, let mode): return try access(file, call, mode: call.number(mode))
            case .status(let place, let buffer, let layout): return try status(file, call, place, buffer, layout)
            default: return .proceed
            }
        } catch {
            return .failure(error.code)
        }
    }

    private func open(
        _ file: ProcessFile,
        _ call: SystemCall,
        flags: UInt32,
        _ listener: borrowing SystemCallListener
    ) throws(SystemError) -> SystemCallAnswer? {
        let wanted = Int32(bitPattern: flags)
        let opened: FileDescriptor
        switch file {
        case .information(let name):
            if wanted & O_ACCMODE != O_RDONLY { return .failure(EACCES) }
            opened = try call.process.openInformation(name, [.readOnly, .nonBlocking])
        case .program:
            if wanted & O_ACCMODE != O_RDONLY { return .failure(EACCES) }
            opened = try call.process.openInformation("exe", .readOnly)
        case .descriptor(let number): opened = try reopen(number, call, wanted)
        case .directory: return .proceed
        }
        // What was opened is the caller's own as long as it waits.
        guard listener.isWaiting(call) else { return .proceed }
        try listener.answer(call, opened: opened, closeOnExec: wanted & O_CLOEXEC != 0)
        return nil
    }

    /// Opens what one of the caller's descriptors stands for once more, for no more than it can do already; root may more.
    private func reopen(_ number: Int32, _ call: SystemCall, _ wanted: Int32) throws(SystemError) -> FileDescriptor {
        let present = try call.process.flags(of: number)
        let isRead = wanted & O_ACCMODE != O_WRONLY
        let isWrite = wanted & O_ACCMODE != O_RDONLY
        let hasPath = present & OpenFlags.pathOnly.rawValue == OpenFlags.pathOnly.rawValue
        let mayRead = !hasPath && present & O_ACCMODE != O_WRONLY
        let mayWrite = !hasPath && present & O_ACCMODE != O_RDONLY
        let isAllowed = (!isRead || mayRead) && (!isWrite || mayWrite)
        let caller = Capabilities(rawValue: try call.process.fileAccess().capabilities)
        guard isAllowed || caller.contains(.dacOverride) else {
            throw SystemError("open", code: EACCES)
        }
        let kept = O_ACCMODE | O_APPEND | (isWrite ? O_TRUNC : 0)
        // It must not wait for the other end of a pipe: the whole step would.
        let flags = OpenFlags(rawValue: wanted & kept | O_NONBLOCK | O_NOCTTY)
        let opened = try call.process.openInformation(Path("fd/\(number)"), flags)
        if wanted & O_NONBLOCK == 0 { try opened.makeBlocking() }
        return opened
    }

    private func readLink(
        _ file: ProcessFile,
        _ call: SystemCall,
        _ buffer: Int
    ) throws(SystemError) -> SystemCallAnswer {
        if case .information = file { return .failure(EINVAL) }
        let room = Int(call.number(buffer + 1))
        guard room > 0 else { return .failure(EINVAL) }
        let target = try call.process.link(file.name).bytes.prefix(room)
        try call.process.write(call[buffer], Array(target))
        return .value(Int64(target.count))
    }

    private func status(
        _ file: ProcessFile,
        _ call: SystemCall,
        _ place: CallPlace,
        _ buffer: Int,
        _ layout: SupervisedCall.StatusLayout
    ) throws(SystemError) -> SystemCallAnswer {
        let flags = place.flags.map { Int32(bitPattern: call.number($0)) } ?? 0
        let isFollowed = place.follows && flags & AT_SYMLINK_NOFOLLOW == 0
        let opened = try call.process.openInformation(file.name, isFollowed ? .pathOnly : [.pathOnly, .noFollow])
        let owner = try opened.status()
        let record = OwnerRecord(uid: owner.uid, gid: owner.gid)
        return try call.giveStatus(of: opened, record, buffer, layout) ? .value(0) : .proceed
    }

    private func access(_ file: ProcessFile, _ call: SystemCall, mode: UInt32) throws(SystemError) -> SystemCallAnswer {
        let isWritten = Int32(mode) & W_OK != 0
        switch file {
        case .information, .program: if isWritten { return .failure(EACCES) }
        case .descriptor(let number):
            let isReadOnly = try call.process.flags(of: number) & O_ACCMODE == O_RDONLY
            if isWritten, isReadOnly { return .failure(EACCES) }
        case .directory: return .proceed
        }
        return .value(0)
    }

    /// chmod(2) of an open file, which C libraries do where a link must not be followed.
    private func changeMode(
        _ file: ProcessFile,
        _ call: SystemCall,
        mode: UInt32
    ) throws(SystemError) -> SystemCallAnswer {
        guard case .descriptor(let number) = file else { return .failure(EPERM) }
        let opened = try call.process.open("", relativeTo: number, .pathOnly)
        let caller = try call.process.fileAccess()
        let status = try opened.status()
        let capabilities = Capabilities(rawValue: caller.capabilities)
        guard caller.uid == status.uid || capabilities.contains(.fowner) else { return .failure(EPERM) }
        let keepsGroup = caller.gid == status.gid || capabilities.contains(.fsetid)
        try opened.setPermissionsOfPlace(keepsGroup ? mode : mode & ~S_ISGID)
        return .value(0)
    }
}

extension SupervisedCall {
    /// Where the path is of a call that may be about the caller itself.
    fileprivate var pathOfProcess: CallPlace? {
        switch self {
        case .open(let place, _, _), .readLink(let place, _), .changeMode(let place, _), .access(let place, _),
            .status(let place, _, _):
            place
        default: nil
        }
    }
}

/// A name in `/proc/self`, or one that leads there.
enum ProcessFile: Hashable {
    /// A file to read.
    case information(Path)
    /// `exe`
    case program
    case descriptor(Int32)
    /// `cwd` and `root`
    case directory(Path)

    /// What a process may read of itself.
    private static let readable: Set<Path> = [
        "auxv", "cmdline", "comm", "environ", "gid_map", "io", "limits", "loginuid", "maps", "oom_adj", "oom_score",
        "oom_score_adj", "personality", "sched", "schedstat", "sessionid", "setgroups", "smaps", "smaps_rollup", "stat",
        "statm", "status", "uid_map", "wchan",
    ]

    /// What an absolute path means to the process of a number; `nil` for all others.
    init?(_ path: Path, process: Int32) {
        // Nearly all paths end here.
        guard path.bytes.starts(with: "/proc/".utf8) || path.bytes.starts(with: "/dev/".utf8) else { return nil }
        let names = path.components
        switch (names.first, names.count) {
        case ("dev", 2) where names[1] == "stdin": self = .descriptor(0)
        case ("dev", 3) where names[1] == "fd":
            guard let number = Int32(names[2].string), number >= 0 else { return nil }
            self = .descriptor(number)
        case ("proc", 3...):
            guard ["self", "thread-self", Path("\(process)")].contains(names[1]) else { return nil }
            self.init(names: Array(names[2...]))
        default: return nil
        }
    }

    /// The name below the directory of the process.
    var name: Path {
        switch self {
        case .information(let name), .directory(let name): name
        case .program: "exe"
        case .descriptor(let number): Path("fd/\(number)")
        }
    }

    private init?(names: [Path]) {
        switch (names[0], names.count) {
        case ("exe", 1): self = .program
        case ("cwd", 1), ("root", 1): self = .directory(names[0])
        case ("fd", 2):
            guard let number = Int32(names[1].string), number >= 0 else { return nil }
            self = .descriptor(number)
        case (let name, 1) where Self.readable.contains(name): self = .information(name)
        default: return nil
        }
    }
}
