import LinuxSystem

// What deletes, in the form that overlayfs understands.
extension ContainedTree {
    /// Applies an entry if it is a whiteout; false for every other entry.
    ///
    /// A whiteout is about the layers below only: what this layer itself has under that name stays, before or after.
    func putWhiteout(_ place: Place) throws(ArchiveError) -> Bool {
        switch WhiteoutName(place.name) {
        case .ordinary: return false
        case .bookkeeping: return true
        case .invalid: throw .refused(entry: place.entry, reason: "invalid whiteout name")
        case .opaque:
            try markParentOpaque(place)
            return true
        case .deleted(let name):
            try hide(Place(parent: place.parent, name: name, entry: place.entry))
            return true
        }
    }

    /// Hides what the layers below have in a directory of this layer.
    func markOpaque(at place: Place) throws(ArchiveError) {
        guard let attribute = policy.opaqueAttribute else { return }
        try attempt("mark as opaque", place.entry) { () throws(SystemError) in
            try place.parent.shared.directory.setExtendedAttribute(
                place.name,
                name: attribute,
                value: Array("y".utf8),
                .noSymlinks
            )
        }
    }

    private func markParentOpaque(_ place: Place) throws(ArchiveError) {
        guard let attribute = policy.opaqueAttribute else { return }
        if place.parent.path.isEmpty {
            changes.hidesParentRoot = true
            return
        }
        try attempt("mark as opaque the directory of", place.entry) { () throws(SystemError) in
            try place.parent.shared.directory.descriptor.setExtendedAttribute(name: attribute, value: Array("y".utf8))
        }
    }

    private func hide(_ place: Place) throws(ArchiveError) {
        switch try status(at: place)?.kind {
        case nil:
            try attempt("create whiteout", place.entry) { () throws(SystemError) in
                try place.parent.shared.directory.makeNode(
                    place.name,
                    kind: .characterDevice,
                    mode: 0,
                    major: 0,
                    minor: 0,
                    .noSymlinks
                )
            }
        // Not replaced but hidden below: its contents are those of this layer alone.
        case .directory: try markOpaque(at: place)
        default: return
        }
    }
}
