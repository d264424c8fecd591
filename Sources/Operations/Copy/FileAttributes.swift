import BuildGraph
import DockerfileParser
import LinuxSystem

/// The owner, permissions and times that a copy gives to what it makes.
struct FileAttributes {
    /// Overrides of the source's owner.
    let uid: UInt32?
    let gid: UInt32?
    private let mode: ModeRule
    /// The modification time for everything, if it is not kept.
    let time: FileTime?

    private enum ModeRule {
        case kept
        case absolute(UInt32)
        case symbolic(FileModeChange)
    }

    /// Attributes for a copy with an owner already looked up; throws where a symbolic mode cannot be parsed.
    init(owner: ResolvedOwner?, mode: ModeChange?, timestamp: Int64?) throws {
        uid = owner?.uid
        gid = owner?.gid
        self.mode =
            switch mode {
            case nil: .kept
            case .absolute(let bits): .absolute(bits)
            case .symbolic(let text): .symbolic(try FileModeChange(parsing: text))
            }
        time = timestamp.map { FileTime(seconds: $0 / 1_000_000_000, nanoseconds: UInt32($0 % 1_000_000_000)) }
    }

    /// The permissions of a copy of an entry.
    func permissions(_ status: FileStatus) -> UInt32 {
        switch mode {
        case .kept: status.permissions
        case .absolute(let bits): bits
        case .symbolic(let rule): rule.apply(to: status.permissions, isDirectory: status.kind == .directory)
        }
    }

    /// The permissions of a directory that is made for the copy: 0755, or the octal `--chmod` (spec/01 §1.10).
    var directoryPermissions: UInt32 {
        if case .absolute(let bits) = mode { bits } else { 0o755 }
    }
}
