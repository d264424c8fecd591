import Archive

/// How the layers of a snapshot become one tree.
package enum SnapshotKind: Hashable, Sendable {
    /// Mounted upon each other; with `userxattr`, marks are `user.overlay.*`, as every user namespace but the first needs.
    case overlay(userxattr: Bool)
    /// Put together in a directory of their own, where overlay cannot be mounted.
    case plain

    /// How layers mark what they delete.
    package var marks: LayerMarks {
        switch self {
        case .overlay(let userxattr): .overlay(userxattr: userxattr)
        case .plain: .portable
        }
    }
}
