import BuildGraph
import LinuxSystem
import Sandbox

/// An owner as numbers; nil parts keep what the source has.
struct ResolvedOwner: Hashable, Sendable {
    var uid: UInt32?
    var gid: UInt32?

    /// Looks names up in the user database of the tree that an action changes (spec/01 §1.10).
    ///
    /// A name that is not in it is refused: BuildKit quietly takes root instead (spec/12, observed).
    init(_ owner: Owner, in root: borrowing Directory) throws {
        uid = owner.user.flatMap(Self.number)
        gid = owner.group.flatMap(Self.number)
        guard [owner.user, owner.group].contains(where: Self.isName) else { return }
        let text = (owner.user.map(Self.text) ?? "") + (owner.group.map { ":" + Self.text($0) } ?? "")
        let user = try UserDatabase.user(text, in: root)
        if owner.user != nil { uid = user.uid }
        gid = user.gid
    }

    init(uid: UInt32?, gid: UInt32?) {
        self.uid = uid
        self.gid = gid
    }

    private static func number(_ account: Account) -> UInt32? {
        if case .id(let id) = account { id } else { nil }
    }

    private static func isName(_ account: Account?) -> Bool {
        if case .name = account { true } else { false }
    }

    private static func text(_ account: Account) -> String {
        switch account {
        case .id(let id): "\(id)"
        case .name(let name, _): name
        }
    }
}
