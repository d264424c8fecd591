/// By what a step finds the volume of a cache mount: with another base, owner or mode it is another volume (spec/05 §5.4).
package struct CacheMountIdentity: Hashable, Sendable {
    /// A word for how the namespace keeps owners on the disk.
    package var scope: String
    /// The namespace of the build's cache mounts (`BUILDKIT_CACHE_MOUNT_NS`), a slash, and the `id` of the mount, which is
    /// its target where it has none.
    package var id: String
    /// The snapshot that the volume began with.
    package var base: String
    /// The directory of the base.
    package var source: String
    package var uid: UInt32
    package var gid: UInt32
    package var mode: UInt32

    package init(
        scope: String,
        id: String,
        base: String,
        source: String,
        uid: UInt32,
        gid: UInt32,
        mode: UInt32
    ) {
        self.scope = scope
        self.id = id
        self.base = base
        self.source = source
        self.uid = uid
        self.gid = gid
        self.mode = mode
    }

    /// The form in the database.
    package var text: String {
        [scope, id, base, source, "\(uid):\(gid)", "\(mode)"].joined(separator: "\n")
    }

    /// An id as users know it: as they wrote it where there is no namespace.
    package static func shown(_ id: String) -> String {
        id.hasPrefix("/") ? String(id.dropFirst()) : id
    }

    /// The identity, in the database, of what was imported under this id and no step has used yet.
    var imported: String { Self.imported(Self.shown(id), scope: scope) }

    /// The same for an id as users know it.
    static func imported(_ shownID: String, scope: String) -> String { "\(scope)\n/\(shownID)" }
}
