import CLinux
import Glibc

/// A mount that is attached nowhere and disappears when this value ends.
///
/// Nothing else can see it: it is used through `root`. Made by fsopen, fsconfig and fsmount (kernel 5.2); needs
/// CAP_SYS_ADMIN in the user namespace that owns the mount namespace.
package struct DetachedMount: ~Copyable, Sendable {
    /// The root directory of the mount.
    package let root: Directory
    /// Keeps the mount; an O_PATH descriptor.
    private let mount: FileDescriptor

    /// What to mount as an overlay.
    package struct OverlayOptions: Sendable, Hashable {
        /// Topmost first; at least one with an upper directory, two without (an empty directory counts).
        package var lower: [Path]
        /// Takes all changes; `nil` gives a read-only mount.
        package var upper: Path?
        /// An empty directory of the filesystem of `upper`.
        package var work: Path?
        /// Marks in `user.overlay.*` instead of `trusted.overlay.*`: needed in a user namespace.
        package var userxattr: Bool
        /// Never flushes; the caller does so once (syncfs) before it relies on the upper directory.
        package var volatile: Bool
        package var readOnly: Bool

        package init(
            lower: [Path],
            upper: Path? = nil,
            work: Path? = nil,
            userxattr: Bool,
            volatile: Bool = false,
            readOnly: Bool = false
        ) {
            self.lower = lower
            self.upper = upper
            self.work = work
            self.userxattr = userxattr
            self.volatile = volatile
            self.readOnly = readOnly
        }
    }

    /// Mounts an overlay.
    ///
    /// The error's detail holds what the kernel wrote about it.
    ///
    /// With a `ledger`, owners and devices are recorded in it.
    ///
    /// Overlay wants an upper directory or two lower ones (EINVAL otherwise): for a single layer the caller adds
    /// an empty directory as the lowest, so that whiteouts in that layer stay hidden.
    package static func overlay(
        _ options: OverlayOptions,
        ledger: OwnershipLedger? = nil
    ) throws(SystemError) -> DetachedMount {
        // `lowerdir+` takes each path as it is (kernel 6.7); before, one list with escapes.
        do throws(SystemError) {
            return try overlay(options, appending: true, ledger)
        } catch  where error.code == EINVAL && error.operation == appendOperation {
            return try overlay(options, appending: false, ledger)
        }
    }

    /// Mounts a filesystem in memory; `size` in bytes, `nil` for the kernel's default of half the memory.
    package static func tmpfs(size: Int64? = nil, mode: UInt32 = 0o755) throws(SystemError) -> DetachedMount {
        let context = try MountContext("tmpfs")
        if let size { try context.set("size", "\(size)") }
        try context.set("mode", String(mode, radix: 8))
        return try context.mount(readOnly: false, nil)
    }

    /// Mounts a filesystem that takes no options, by its type.
    package static func filesystem(_ type: String) throws(SystemError) -> DetachedMount {
        try MountContext(type).mount(readOnly: false, nil)
    }

    /// Attaches the mount at a path of this process's mount namespace; 0 or -errno.
    func attach(to target: Path) -> Int32 { target.withCString { clinux_move_mount(mount.raw, $0) } }

    fileprivate init(owning raw: Int32, _ ledger: OwnershipLedger?) throws(SystemError) {
        mount = FileDescriptor(owning: raw)
        // The descriptor of fsmount(2) is O_PATH: no reading, no fsync.
        root = Directory(
            FileDescriptor(
                owning: try kernelCall("open mount") { clinux_open(raw, ".", OpenFlags.directory.rawValue, 0) }
            ),
            ledger: ledger
        )
    }

    private static let appendOperation = "set lower directory"

    private static func overlay(
        _ options: OverlayOptions,
        appending: Bool,
        _ ledger: OwnershipLedger?
    ) throws(SystemError) -> DetachedMount {
        let context = try MountContext("overlay")
        // Long paths: an option's text is limited to 255 bytes, a descriptor's name is not.
        var held: [SharedDirectory] = []
        if appending {
            for path in options.lower {
                let name = try shorten(path, &held)
                do throws(SystemError) {
                    try context.set("lowerdir+", name)
                } catch  where error.code == EINVAL {
                    throw SystemError(appendOperation, path, code: error.code, detail: error.detail)
                }
            }
        } else {
            try context.set("lowerdir", Path(bytes: Array(options.lower.map(escape).joined(separator: [colon]))))
        }
        if let upper = options.upper { try context.set("upperdir", try shorten(upper, &held)) }
        if let work = options.work { try context.set("workdir", try shorten(work, &held)) }
        if options.userxattr { try context.setFlag("userxattr") }
        if options.volatile { try context.setFlag("volatile") }
        return try context.mount(readOnly: options.readOnly || options.upper == nil, ledger)
    }

    private static func shorten(_ path: Path, _ held: inout [SharedDirectory]) throws(SystemError) -> Path {
        if path.bytes.count < 256 { return path }
        let shared = SharedDirectory(try Directory.open(path))
        held.append(shared)
        return shared.directory.procPath
    }

    private static func escape(_ path: Path) -> [UInt8] {
        path.bytes.flatMap { $0 == colon || $0 == backslash ? [backslash, $0] : [$0] }
    }

    private static let colon = UInt8(ascii: ":")
    private static let backslash = UInt8(ascii: "\\")
}

/// A filesystem that is being configured.
private struct MountContext: ~Copyable {
    private let type: String
    private let descriptor: FileDescriptor

    init(_ type: String) throws(SystemError) {
        self.type = type
        descriptor = FileDescriptor(owning: try kernelCall("prepare mount of `\(type)`") { clinux_fsopen(type) })
    }

    func set(_ key: String, _ value: Path) throws(SystemError) {
        let code = value.withCString { clinux_fsconfig_string(descriptor.raw, key, $0) }
        if code < 0 { throw failure(code, "option `\(key)=\(value)`") }
    }

    func set(_ key: String, _ value: String) throws(SystemError) {
        try set(key, Path(value))
    }

    func setFlag(_ key: String) throws(SystemError) {
        let code = clinux_fsconfig_flag(descriptor.raw, key)
        if code < 0 { throw failure(code, "option `\(key)`") }
    }

    consuming func mount(readOnly: Bool, _ ledger: OwnershipLedger?) throws(SystemError) -> DetachedMount {
        let created = clinux_fsconfig_create(descriptor.raw)
        if created < 0 { throw failure(created, nil) }
        let raw = clinux_fsmount(descriptor.raw, UInt32(readOnly ? CLINUX_MOUNT_READ_ONLY : 0))
        if raw < 0 { throw failure(raw, nil) }
        return try DetachedMount(owning: raw, ledger)
    }

    /// The errno with the context's log: messages are read from the descriptor one at a time, as `e text`.
    private func failure(_ code: Int32, _ context: String?) -> SystemError {
        var lines: [String] = context.map { [$0] } ?? []
        var buffer = [UInt8](repeating: 0, count: 1024)
        while lines.count < 8 {
            let count = read(descriptor.raw, &buffer, buffer.count)
            if count <= 0 { break }
            let text = String(decoding: buffer[..<count], as: UTF8.self)
            lines.append(text.split(separator: "\n").joined(separator: " "))
        }
        let detail = lines.isEmpty ? nil : lines.joined(separator: "; ")
        return SystemError("mount \(type)", code: -code, detail: detail)
    }
}
