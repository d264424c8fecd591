/// Something mounted into a process's root, or that root itself; spec/01 §1.9.
package struct ExecMount: Hashable, Sendable {
    /// What is mounted.
    package enum Kind: Hashable, Sendable {
        case bind(BindMount)
        case cache(CacheMount)
        case tmpfs(size: Int64?)
        case secret(ForwardedFile)
        case ssh(ForwardedFile)
    }

    /// An absolute path.
    package var target: String
    package var kind: Kind
    package var readOnly: Bool

    /// `kind` mounted at `target`.
    package init(target: String, kind: Kind, readOnly: Bool) {
        self.target = target
        self.kind = kind
        self.readOnly = readOnly
    }

    /// The root of a process, writable; `nil` is an empty one.
    package static func root(input: Int?) -> ExecMount {
        ExecMount(target: "/", kind: .bind(BindMount(input: input)), readOnly: false)
    }

    /// The index of the vertex input that the mount shows, if it shows one.
    package var input: Int? {
        switch kind {
        case .bind(let bind): bind.input
        case .cache(let cache): cache.input
        case .tmpfs, .secret, .ssh: nil
        }
    }
}

/// A path of an input.
///
/// Writes to it, where it is writable and not the root, are thrown away after the step.
package struct BindMount: Hashable, Sendable {
    /// The index of the vertex input; `nil` is an empty directory.
    package var input: Int?
    /// The path within the input.
    package var source: String

    /// `source` of the input at index `input`.
    package init(input: Int?, source: String = "/") {
        self.input = input
        self.source = source
    }
}

/// A directory that outlives the build.
///
/// Id, base and owner together say which one; spec/05 §5.4.
package struct CacheMount: Hashable, Sendable {
    /// What happens when two steps use the same directory at once.
    package enum Sharing: String, Hashable, Sendable {
        case shared
        case `private`
        case locked
    }

    /// The target as written, or the id given; with the namespace in front, if there is one.
    package var id: String
    package var sharing = Sharing.shared
    /// The index of the vertex input that a new directory begins with; `nil` is an empty one.
    package var input: Int?
    /// The path within the input.
    package var source = "/"
    package var uid: UInt32 = 0
    package var gid: UInt32 = 0
    /// The permission bits of the directory itself.
    package var mode: UInt32 = 0o755

    /// The shared directory `id`, at first empty and root's.
    package init(id: String, sharing: Sharing = .shared) {
        self.id = id
        self.sharing = sharing
    }
}

/// A secret's file or an SSH agent's socket.
///
/// Neither is ever part of a result or of a cache key.
package struct ForwardedFile: Hashable, Sendable {
    package var id: String
    package var uid: UInt32
    package var gid: UInt32
    package var mode: UInt32
    /// Where there is no such secret or agent, the mount is left out rather than the step a failure.
    package var optional: Bool

    /// The secret or agent known to this build as `id`.
    package init(id: String, uid: UInt32 = 0, gid: UInt32 = 0, mode: UInt32, optional: Bool) {
        self.id = id
        self.uid = uid
        self.gid = gid
        self.mode = mode
        self.optional = optional
    }
}
