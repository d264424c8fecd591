import Glibc
import LinuxSystem

/// Works out the symbolic links of a path inside a root, by name.
///
/// What it gives is used for matching names and for messages; the file itself is always opened by openat2(2), so a
/// rename in between leads nowhere outside.
struct LinkResolver: ~Copyable {
    /// Which names need not exist.
    enum Missing {
        case none
        case last
        /// Any: below a missing one the rest is worked out by text.
        case all
    }

    /// As the kernel's limit.
    private static let maximumLinks = 40

    private var links = 0

    /// The path of what `path` means in `root`, without links, relative to it.
    ///
    /// The last name is followed only where `followLast`. Throws ENOENT where a name is missing that must not be, ELOOP
    /// after 40 links.
    static func resolve(
        _ path: Path,
        in root: borrowing Directory,
        followLast: Bool,
        mayBeMissing: Missing = .none
    ) throws(SystemError) -> Path {
        var resolver = LinkResolver()
        return try resolver.resolve(path, in: root, followLast, mayBeMissing)
    }

    private mutating func resolve(
        _ path: Path,
        in root: borrowing Directory,
        _ followLast: Bool,
        _ mayBeMissing: Missing
    ) throws(SystemError) -> Path {
        var pending = Array(path.components.reversed())
        var resolved: Path = ""
        while let name = pending.popLast() {
            if name == "." { continue }
            if name == ".." {
                resolved = resolved.parent
                continue
            }
            let candidate = resolved.appending(name)
            let status =
                mayBeMissing == .all || (mayBeMissing == .last && pending.isEmpty)
                ? try root.statusIfExists(candidate, .noSymlinks) : try root.status(candidate, .noSymlinks)
            guard status?.kind == .symlink, followLast || !pending.isEmpty else {
                resolved = candidate
                continue
            }
            links += 1
            guard links <= Self.maximumLinks else { throw SystemError("resolve", path, code: ELOOP) }
            let target = try root.readLink(candidate, .noSymlinks)
            if target.isAbsolute { resolved = "" }
            pending += target.components.reversed()
        }
        return resolved
    }
}
