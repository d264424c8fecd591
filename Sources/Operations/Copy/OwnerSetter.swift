import Glibc
import LinuxSystem
import Synchronization

/// Sets owners; where only one id is mapped, those that the kernel refuses are counted and let go.
final class OwnerSetter: Sendable {
    /// Whether the kernel may refuse, because a user namespace has one id.
    let toleratesRefusal: Bool
    private let count = Atomic<Int>(0)

    init(toleratesRefusal: Bool) {
        self.toleratesRefusal = toleratesRefusal
    }

    /// The number of owners that were refused.
    var refused: Int { count.load(ordering: .relaxed) }

    func set(_ file: borrowing FileDescriptor, uid: UInt32, gid: UInt32) throws {
        try tolerating { () throws(SystemError) in try file.setOwner(uid: uid, gid: gid) }
    }

    /// Sets the owner of a name, which is not followed.
    func set(_ name: Path, in directory: borrowing Directory, uid: UInt32, gid: UInt32) throws {
        try tolerating { () throws(SystemError) in try directory.setOwner(name, uid: uid, gid: gid) }
    }

    /// Runs a change of owner; EINVAL and EPERM may be let go.
    private func tolerating(_ change: () throws(SystemError) -> Void) throws {
        do throws(SystemError) {
            try change()
        } catch {
            guard toleratesRefusal, error.code == EINVAL || error.code == EPERM else { throw error }
            count.add(1, ordering: .relaxed)
        }
    }
}
