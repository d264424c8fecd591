/// A `--mount` of a `RUN`, parsed and checked after expansion of its values (spec 1.9).
package struct MountOptions: Hashable, Sendable {
    /// What is mounted.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case bind
        case cache
        case tmpfs
        case secret
        case ssh
    }

    /// How concurrent steps share a cache mount.
    package enum Sharing: String, Hashable, Sendable, CaseIterable {
        case shared
        case `private`
        case locked
    }

    package var kind: Kind = .bind
    /// The stage, image or named context, or nil for the default of the kind.
    package var from: String?
    /// `source`, or nil; for secrets it is another name for `id`.
    package var source: String?
    /// `target` as written, relative to the working directory, or nil.
    package var target: String?
    /// `id`, or nil for the default of the kind.
    package var id: String?
    /// Whether it is mounted read-only; the default of the kind is filled in.
    package var readOnly = true
    /// Whether the build fails where the secret or agent is missing.
    package var required = false
    /// `sharing`, or nil, which is `shared`.
    package var sharing: Sharing?
    /// `size` of a tmpfs in bytes, or nil for no limit.
    package var size: Int64?
    /// `mode`, or nil for the default of the kind.
    package var mode: UInt32?
    package var uid: UInt32?
    package var gid: UInt32?
    /// The environment variable for a secret, or nil.
    package var environmentName: String?
}
