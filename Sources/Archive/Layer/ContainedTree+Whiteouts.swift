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
        guard let marks = policy.marks else { return }
        try attempt("mark as opaque", place.entry) { () throws(SystemError) in
            try marks.makeOpaque(place.parent.shared.directory.openDirectory(place.name, .noSymlinks))
        }
    }

    private func markParentOpaque(_ place: Place) throws(ArchiveError) {
        guard let marks = policy.marks else { return }
        if place.parent.path.isEmpty {
            changes.hidesParentRoot = true
            return
        }
        try attempt("mark as opaque the directory of", place.entry) { () throws(SystemError) in
            try marks.makeOpaque(place.parent.shared.directory)
        }
    }

    private func hide(_ place: Place) throws(ArchiveError) {
        switch try status(at: place)?.kind {
        case nil:
            guard let marks = policy.marks else { return }
            try attempt("create whiteout", place.entry) { () throws(SystemError) in
                try marks.hide(place.name, in: place.parent.shared.directory)
            }
        // Not replaced but hidden below: its contents are those of this layer alone.
        case .directory: try markOpaque(at: place)
        default: return
        }
    }
}
