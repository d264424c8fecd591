import Glibc
import LinuxSystem

// Owners, permissions, attributes and times.
extension ContainedTree {
    /// All of a regular file: the owner first, because setting it clears set-user-id bits and capabilities.
    func setMetadata(of file: borrowing FileDescriptor, _ entry: TarEntry, at place: Place) throws(ArchiveError) {
        if let owner = ownerToSet(entry, place) {
            try unlessRefused(owner, place) { () throws(SystemError) in
                try file.setOwner(uid: owner.uid, gid: owner.gid)
            }
        }
        try attempt("set permissions of", entry.path) { () throws(SystemError) in
            try file.setPermissions(entry.permissions)
        }
        for attribute in entry.extendedAttributes where !OverlayAttribute.isPrivate(attribute.name) {
            try unlessUnsupported(attribute, place) { () throws(SystemError) in
                try file.setExtendedAttribute(name: attribute.name, value: attribute.value)
            }
        }
        try attempt("set times of", entry.path) { () throws(SystemError) in
            try file.setTimes(modified: entry.modified)
        }
    }

    func setOwner(_ entry: TarEntry, at place: Place) throws(ArchiveError) {
        guard let owner = ownerToSet(entry, place) else { return }
        try unlessRefused(owner, place) { () throws(SystemError) in
            try place.parent.shared.directory.setOwner(place.name, uid: owner.uid, gid: owner.gid, .noSymlinks)
        }
    }

    func setAttributes(_ entry: TarEntry, at place: Place) throws(ArchiveError) {
        for attribute in entry.extendedAttributes where !OverlayAttribute.isPrivate(attribute.name) {
            try unlessUnsupported(attribute, place) { () throws(SystemError) in
                try place.parent.shared.directory.setExtendedAttribute(
                    place.name,
                    name: attribute.name,
                    value: attribute.value,
                    .noSymlinks
                )
            }
        }
    }

    func setTimes(_ entry: TarEntry, at place: Place) throws(ArchiveError) {
        try attempt("set times of", entry.path) { () throws(SystemError) in
            try place.parent.shared.directory.setTimes(place.name, modified: entry.modified, .noSymlinks)
        }
    }

    /// The owner, unless what was just made has it already; a directory may have been there before.
    private func ownerToSet(_ entry: TarEntry, _ place: Place) -> FileOwner? {
        let owner = policy.owner ?? FileOwner(uid: entry.uid, gid: entry.gid)
        let isCreators = owner == creator && !place.parent.givesGroup && entry.kind != .directory
        return isCreators ? nil : owner
    }

    private func unlessRefused(
        _ owner: FileOwner,
        _ place: Place,
        _ body: () throws(SystemError) -> Void
    ) throws(ArchiveError) {
        do throws(SystemError) {
            try body()
        } catch  where policy.ownership == .ignoreRefused && (error.code == EPERM || error.code == EINVAL) {
            // EINVAL: the id has no mapping in this user namespace.
            changes.skip(place.path, .owner(uid: owner.uid, gid: owner.gid))
        } catch {
            throw .entry(place.entry, operation: "set owner \(owner.uid):\(owner.gid) of", error)
        }
    }

    /// Attributes that this filesystem or our privileges do not allow are left out.
    private func unlessUnsupported(
        _ attribute: ExtendedAttribute,
        _ place: Place,
        _ body: () throws(SystemError) -> Void
    ) throws(ArchiveError) {
        do throws(SystemError) {
            try body()
        } catch  where policy.bestEffortAttributes || [EPERM, EOPNOTSUPP, EINVAL].contains(error.code) {
            changes.skip(place.path, .attribute(attribute.name))
        } catch {
            throw .entry(place.entry, operation: "set attribute `\(attribute.name)` of", error)
        }
    }
}
