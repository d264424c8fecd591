import LinuxSystem

/// Which arguments of a system call say what file it is about.
struct CallPlace: Hashable {
    /// A descriptor that the path is relative to, or that is the file.
    var directory: Int?
    var path: Int?
    /// AT_* flags.
    var flags: Int?
    /// Whether a link at the end is followed, unless the flags say otherwise.
    var follows = true
}

/// A system call that the ledger answers, by what it does and where its arguments are.
enum SupervisedCall: Hashable {
    /// chown(2); user and group are at `owner` and the next.
    case changeOwner(CallPlace, owner: Int, isNarrow: Bool)
    case status(CallPlace, buffer: Int, StatusLayout)
    case access(CallPlace, mode: Int)
    case open(CallPlace, flags: Int, mode: Int)
    /// creat(2)
    case create(CallPlace, mode: Int)
    /// openat2(2)
    case openAsDescribed(CallPlace, description: Int)
    case makeDirectory(CallPlace, mode: Int)
    case makeNode(CallPlace, mode: Int, device: Int)
    case makeLink(CallPlace, target: Int)
    /// rename(2) and link(2), whose source this is.
    case copyName(CallPlace, isMoved: Bool)
    /// unlink(2) and rmdir(2)
    case removeName(CallPlace)
    case setAttribute(CallPlace, name: Int)
    case removeAttribute(CallPlace, name: Int)
    case listAttributes(CallPlace, list: Int)
    case execute(CallPlace)
    /// readlink(2); the buffer and its size are at `buffer` and the next.
    case readLink(CallPlace, buffer: Int)
    /// chmod(2)
    case changeMode(CallPlace, mode: Int)
    case identity(IdentityCall, isNarrow: Bool)
    /// A call after which a process may have another root than the step.
    case changeRoot
    /// prctl(PR_SET_KEEPCAPS)
    case keepCapabilities
    case setCapabilities
    /// setrlimit(2), and prlimit(2) whose new and old limits are at these places.
    case setLimit(LimitPlace?)

    struct LimitPlace: Hashable {
        var new: Int
        var old: Int
    }

    /// The form of the status that a call writes.
    enum StatusLayout: Hashable {
        /// struct stat of the native architecture.
        case native
        /// struct statx.
        case extended
        /// struct stat64 of an architecture of 32 bits.
        case narrow
    }
}

/// A system call about who a process is.
enum IdentityCall: String, CaseIterable {
    case getuid
    case geteuid
    case getgid
    case getegid
    case getresuid
    case getresgid
    case getgroups
    case setuid
    case setgid
    case setreuid
    case setregid
    case setresuid
    case setresgid
    case setfsuid
    case setfsgid
    case setgroups
}

extension SupervisedCall {
    /// A call by its kernel name, and what the filter asks of an argument before it notifies.
    struct Named {
        var name: String
        var call: SupervisedCall
        var conditions: [SeccompFilter.Condition?] = [nil]
    }

    /// All of them; `isWide` says whether ids have 32 bits in calls without a suffix.
    static func all(isWide: Bool) -> [Named] {
        owners(isWide) + identities(isWide) + limits + statuses + reads + makers + names + attributes
    }

    private static let at = CallPlace(directory: 0, path: 1)
    private static let path = CallPlace(path: 0)
    private static let link = CallPlace(path: 0, follows: false)
    private static let linkAt = CallPlace(directory: 0, path: 1, follows: false)
    private static let descriptor = CallPlace(directory: 0)

    private static func owners(_ isWide: Bool) -> [Named] {
        let places = [("chown", path), ("lchown", link), ("fchown", descriptor)]
        let at = CallPlace(directory: 0, path: 1, flags: 4)
        return places.flatMap { name, place in
            [
                Named(name: name, call: .changeOwner(place, owner: 1, isNarrow: !isWide)),
                Named(name: name + "32", call: .changeOwner(place, owner: 1, isNarrow: false)),
            ]
        } + [Named(name: "fchownat", call: .changeOwner(at, owner: 2, isNarrow: false))]
    }

    private static func identities(_ isWide: Bool) -> [Named] {
        IdentityCall.allCases.flatMap { call in
            [
                Named(name: call.rawValue, call: .identity(call, isNarrow: !isWide)),
                Named(name: call.rawValue + "32", call: .identity(call, isNarrow: false)),
            ]
        }
    }

    private static let limits: [Named] = [
        Named(name: "prctl", call: .keepCapabilities, conditions: [.equal(0, 8)]),
        Named(name: "capset", call: .setCapabilities),
        Named(name: "chroot", call: .changeRoot),
        Named(name: "pivot_root", call: .changeRoot),
        Named(name: "setns", call: .changeRoot),
        Named(name: "unshare", call: .changeRoot),
        Named(name: "setrlimit", call: .setLimit(nil), conditions: [.equal(0, CredentialTable.resource)]),
        Named(
            name: "prlimit64",
            call: .setLimit(LimitPlace(new: 2, old: 3)),
            conditions: [.equal(1, CredentialTable.resource)]
        ),
    ]

    /// Calls that tell the status of a file.
    static let statuses: [Named] = [
        Named(name: "stat", call: .status(path, buffer: 1, .native)),
        Named(name: "lstat", call: .status(link, buffer: 1, .native)),
        Named(name: "fstat", call: .status(descriptor, buffer: 1, .native)),
        Named(name: "newfstatat", call: .status(CallPlace(directory: 0, path: 1, flags: 3), buffer: 2, .native)),
        Named(name: "statx", call: .status(CallPlace(directory: 0, path: 1, flags: 2), buffer: 4, .extended)),
        Named(name: "stat64", call: .status(path, buffer: 1, .narrow)),
        Named(name: "lstat64", call: .status(link, buffer: 1, .narrow)),
        Named(name: "fstat64", call: .status(descriptor, buffer: 1, .narrow)),
        Named(name: "fstatat64", call: .status(CallPlace(directory: 0, path: 1, flags: 3), buffer: 2, .narrow)),
    ]

    /// Those of them that say a path, which a device has; a descriptor need not be looked at.
    static let statusesOfPaths: [Named] = statuses.compactMap { named in
        guard case .status(let place, _, _) = named.call, place.path != nil else { return nil }
        var named = named
        if let flags = place.flags {
            named.conditions = [.maskedEqual(UInt32(flags), mask: UInt64(SystemCall.emptyPath), 0)]
        }
        return named
    }

    private static let reads: [Named] =
        accesses + [
            Named(name: "execve", call: .execute(path)),
            Named(name: "execveat", call: .execute(CallPlace(directory: 0, path: 1, flags: 4))),
        ]

    private static let accesses: [Named] = [
        Named(name: "access", call: .access(path, mode: 1)),
        Named(name: "faccessat", call: .access(at, mode: 2)),
        Named(name: "faccessat2", call: .access(CallPlace(directory: 0, path: 1, flags: 3), mode: 2)),
    ]

    private static let makers: [Named] = [
        Named(name: "open", call: .open(path, flags: 1, mode: 2), conditions: creating(1)),
        Named(name: "openat", call: .open(at, flags: 2, mode: 3), conditions: creating(2)),
        Named(name: "creat", call: .create(path, mode: 1)),
        Named(name: "openat2", call: .openAsDescribed(at, description: 2)),
        Named(name: "mkdir", call: .makeDirectory(path, mode: 1)),
        Named(name: "mkdirat", call: .makeDirectory(at, mode: 2)),
        Named(name: "mknod", call: .makeNode(path, mode: 1, device: 2)),
        Named(name: "mknodat", call: .makeNode(at, mode: 2, device: 3)),
        Named(name: "symlink", call: .makeLink(CallPlace(path: 1), target: 0)),
        Named(name: "symlinkat", call: .makeLink(CallPlace(directory: 1, path: 2), target: 0)),
    ]

    /// Calls that make devices, and nothing else.
    static let devices: [Named] = [
        Named(name: "mknod", call: .makeNode(path, mode: 1, device: 2), conditions: devices(1)),
        Named(name: "mknodat", call: .makeNode(at, mode: 2, device: 3), conditions: devices(2)),
    ]

    /// Calls by whose paths a process asks about itself, where there is no proc.
    static let processFiles: [Named] =
        accesses + [
            Named(name: "open", call: .open(path, flags: 1, mode: 2)),
            Named(name: "openat", call: .open(at, flags: 2, mode: 3)),
            Named(name: "readlink", call: .readLink(link, buffer: 1)),
            Named(name: "readlinkat", call: .readLink(CallPlace(directory: 0, path: 1, follows: false), buffer: 2)),
            Named(name: "chmod", call: .changeMode(path, mode: 1)),
            Named(name: "fchmodat", call: .changeMode(at, mode: 2)),
        ]

    private static let names: [Named] = [
        Named(name: "rename", call: .copyName(link, isMoved: true)),
        Named(name: "renameat", call: .copyName(linkAt, isMoved: true)),
        Named(name: "renameat2", call: .copyName(linkAt, isMoved: true)),
        Named(name: "link", call: .copyName(link, isMoved: false)),
        Named(name: "linkat", call: .copyName(linkAt, isMoved: false)),
    ]

    /// Calls that root may always make, and others only with files of their own.
    static let refusedToUsers: [Named] = [
        Named(name: "open", call: .open(path, flags: 1, mode: 2)),
        Named(name: "openat", call: .open(at, flags: 2, mode: 3)),
        Named(name: "unlink", call: .removeName(link)),
        Named(name: "rmdir", call: .removeName(link)),
        Named(name: "unlinkat", call: .removeName(linkAt)),
        Named(name: "chmod", call: .changeMode(path, mode: 1)),
        Named(name: "fchmod", call: .changeMode(descriptor, mode: 1)),
        Named(name: "fchmodat", call: .changeMode(at, mode: 2)),
    ]

    private static let attributes: [Named] = [
        Named(name: "setxattr", call: .setAttribute(path, name: 1)),
        Named(name: "lsetxattr", call: .setAttribute(link, name: 1)),
        Named(name: "fsetxattr", call: .setAttribute(descriptor, name: 1)),
        Named(name: "removexattr", call: .removeAttribute(path, name: 1)),
        Named(name: "lremovexattr", call: .removeAttribute(link, name: 1)),
        Named(name: "fremovexattr", call: .removeAttribute(descriptor, name: 1)),
        Named(name: "listxattr", call: .listAttributes(path, list: 1)),
        Named(name: "llistxattr", call: .listAttributes(link, list: 1)),
        Named(name: "flistxattr", call: .listAttributes(descriptor, list: 1)),
    ]

    /// Flags that make a file: O_CREAT and __O_TMPFILE, whose numbers are the same on all architectures of the profile.
    static let createFlag: UInt64 = 0o100
    static let temporaryFlag: UInt64 = 0o20_000_000

    /// S_IFCHR and S_IFBLK below S_IFMT.
    private static func devices(_ index: UInt32) -> [SeccompFilter.Condition?] {
        [0o020000, 0o060000].map { .maskedEqual(index, mask: 0o170000, $0) }
    }

    private static func creating(_ index: UInt32) -> [SeccompFilter.Condition?] {
        [createFlag, temporaryFlag].map { .maskedEqual(index, mask: $0, $0) }
    }
}
