/// A copy of paths of another input into the tree; spec/01 §1.10.
package struct CopyAction: Hashable, Sendable {
    /// The index of the vertex input copied from (0, the tree itself, is allowed); `nil` is an empty tree.
    package var input: Int?
    /// An absolute path within that input; holds wildcards where `options.allowWildcard`.
    package var source: String
    /// An absolute path; a trailing `/` or `/.` says that it is a directory.
    package var destination: String
    package var options: CopyOptions
    package var mode: ModeChange?
    package var owner: Owner?
    /// Patterns relative to the source item; empty is everything.
    package var includePatterns: [String] = []
    package var excludePatterns: [String] = []
    /// Paths that must exist though patterns select what is copied.
    package var requiredPaths: [String] = []
    /// The modification time of all that is copied, in nanoseconds since 1970; `nil` keeps the source's.
    package var timestamp: Int64?

    /// A copy of `source` that keeps modes and owners.
    package init(
        input: Int?,
        source: String,
        destination: String,
        options: CopyOptions = CopyOptions(),
        mode: ModeChange? = nil,
        owner: Owner? = nil
    ) {
        self.input = input
        self.source = source
        self.destination = destination
        self.options = options
        self.mode = mode
        self.owner = owner
    }
}

/// How a copy treats what it meets.
///
/// The defaults are those of a Dockerfile's `COPY`.
package struct CopyOptions: Hashable, Sendable {
    /// The last component of the source is followed if it is a symlink.
    package var followSymlink = true
    /// A directory's contents are copied rather than the directory.
    package var contentsOnly = true
    /// Missing parents of the destination are made.
    package var createDestination = true
    package var allowWildcard = true
    /// A wildcard that matches nothing is no error.
    package var allowEmptyWildcard = true
    /// A source that is a tar archive is extracted; `ADD`.
    package var attemptUnpack = false
    /// What stands at the destination is replaced even by another kind of file; `--link`.
    package var alwaysReplaceExisting = false

    /// The options of a Dockerfile's `COPY`.
    package init() {}
}

/// What becomes of the permission bits of what is copied.
package enum ModeChange: Hashable, Sendable {
    /// The bits, up to 07777.
    case absolute(UInt32)
    /// As in `u=rwX,go=rX`, relative to the mode of each source entry.
    case symbolic(String)
}

/// Whose the files are that an action makes; a part that is `nil` follows from the other, or stays.
package struct Owner: Hashable, Sendable {
    package var user: Account?
    package var group: Account?

    /// The user and group given.
    package init(user: Account?, group: Account?) {
        self.user = user
        self.group = group
    }

    /// 0:0.
    package static let root = Owner(user: .id(0), group: .id(0))

    var referencedInputs: [Int] {
        [user, group].compactMap { account in
            guard case .name(_, let input) = account else { return nil }
            return input
        }
    }
}

/// A user or a group.
package enum Account: Hashable, Sendable {
    case id(UInt32)
    /// To be looked up in `/etc/passwd` or `/etc/group` of the vertex input at index `input`.
    case name(String, input: Int)
}
