/// Changes to a tree of files.
///
/// The first action works on input 0, each next one on what the one before it made.
package struct FileOperation: Hashable, Sendable {
    package var actions: [FileAction]

    /// The `actions`, in order.
    package init(_ actions: [FileAction]) {
        self.actions = actions
    }

    /// Whether an action says which time its files get.
    package var setsTimes: Bool { actions.contains { $0.timestamp != nil } }
}

/// One change to a tree of files.
///
/// Paths are absolute and resolved within the tree.
package enum FileAction: Hashable, Sendable {
    case copy(CopyAction)
    case makeFile(MakeFileAction)
    case makeDirectory(MakeDirectoryAction)
    case makeSymlink(MakeSymlinkAction)
    case remove(RemoveAction)
}

extension FileAction {
    /// Whose the files become that the action makes, where it says so.
    package var owner: Owner? {
        switch self {
        case .copy(let copy): copy.owner
        case .makeFile(let file): file.owner
        case .makeDirectory(let directory): directory.owner
        case .makeSymlink(let link): link.owner
        case .remove: nil
        }
    }

    /// The modification time of what the action makes, in nanoseconds since 1970, where it says so.
    var timestamp: Int64? {
        switch self {
        case .copy(let copy): copy.timestamp
        case .makeFile(let file): file.timestamp
        case .makeDirectory(let directory): directory.timestamp
        case .makeSymlink(let link): link.timestamp
        case .remove: nil
        }
    }

    /// The indices of inputs that the action reads besides the tree it changes.
    var referencedInputs: [Int] {
        let copied: [Int] = if case .copy(let copy) = self { [copy.input].compactMap(\.self) } else { [] }
        return copied + (owner?.referencedInputs ?? [])
    }
}

/// A file with given bytes.
///
/// An existing one is replaced.
package struct MakeFileAction: Hashable, Sendable {
    package var path: String
    package var mode: UInt32
    package var data: [UInt8]
    package var owner: Owner?
    /// The modification time in nanoseconds since 1970; `nil` is now.
    package var timestamp: Int64?

    /// The file `path`.
    package init(path: String, mode: UInt32, data: [UInt8], owner: Owner? = nil, timestamp: Int64? = nil) {
        self.path = path
        self.mode = mode
        self.data = data
        self.owner = owner
        self.timestamp = timestamp
    }
}

/// A directory.
///
/// With `makeParents` an existing one is left as it is, and missing parents get the same attributes.
package struct MakeDirectoryAction: Hashable, Sendable {
    package var path: String
    package var mode: UInt32
    package var makeParents: Bool
    package var owner: Owner?
    /// The modification time in nanoseconds since 1970; `nil` is now.
    package var timestamp: Int64?

    /// The directory `path`.
    package init(path: String, mode: UInt32, makeParents: Bool, owner: Owner? = nil, timestamp: Int64? = nil) {
        self.path = path
        self.mode = mode
        self.makeParents = makeParents
        self.owner = owner
        self.timestamp = timestamp
    }
}

/// A symbolic link.
package struct MakeSymlinkAction: Hashable, Sendable {
    /// The text of the link.
    package var target: String
    /// Where the link is made.
    package var path: String
    package var owner: Owner?
    /// The modification time in nanoseconds since 1970; `nil` is now.
    package var timestamp: Int64?

    /// The link `path` to `target`.
    package init(target: String, path: String, owner: Owner? = nil, timestamp: Int64? = nil) {
        self.target = target
        self.path = path
        self.owner = owner
        self.timestamp = timestamp
    }
}

/// The removal of a path and of all below it.
package struct RemoveAction: Hashable, Sendable {
    package var path: String
    package var allowNotFound: Bool
    package var allowWildcard: Bool

    /// The removal of `path`.
    package init(path: String, allowNotFound: Bool = false, allowWildcard: Bool = false) {
        self.path = path
        self.allowNotFound = allowNotFound
        self.allowWildcard = allowWildcard
    }
}
