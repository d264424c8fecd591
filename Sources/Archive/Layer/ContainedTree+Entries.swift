import Glibc
import LinuxSystem

// Making entries.
extension ContainedTree {
    /// Makes one entry, replacing what has its name; directories are merged.
    ///
    /// The root itself stays as it is.
    func put(_ entry: TarEntry, from reader: inout TarReader) throws {
        changes.entries += 1
        let path = Self.cleaned(entry.path)
        if path.isEmpty { return }
        let place = try self.place(of: path, entry: entry.path)
        if policy.marks != nil, try putWhiteout(place) { return }
        switch entry.kind {
        case .regular: try putFile(entry, at: place, from: &reader)
        case .directory: try putDirectory(entry, at: place)
        case .symlink: try putSymlink(entry, at: place)
        case .hardLink: try putHardLink(entry, at: place)
        case .characterDevice: try putNode(entry, .characterDevice, at: place)
        case .blockDevice: try putNode(entry, .blockDevice, at: place)
        case .fifo: try putNode(entry, .fifo, at: place)
        }
    }

    private func putFile(_ entry: TarEntry, at place: Place, from reader: inout TarReader) throws {
        let file = try creating("create file", at: place) { () throws(SystemError) in
            try place.parent.shared.directory.openFile(
                place.name,
                [.writeOnly, .create, .exclusive, .noFollow],
                mode: 0o600,
                .noSymlinks
            )
        }
        var end: Int64 = 0
        var hasHoles = false
        while let chunk = try reader.nextChunk() {
            if chunk.bytes.isEmpty { continue }
            hasHoles = hasHoles || chunk.offset != end
            try attempt("write", entry.path) { () throws(SystemError) in
                if hasHoles {
                    try file.writeAll(chunk.bytes, at: chunk.offset)
                } else {
                    try file.writeAll(chunk.bytes)
                }
            }
            end = chunk.offset + Int64(chunk.bytes.count)
        }
        if end < entry.size {
            try attempt("extend", entry.path) { () throws(SystemError) in try file.truncate(to: entry.size) }
        }
        try setMetadata(of: file, entry, at: place)
    }

    private func putDirectory(_ entry: TarEntry, at place: Place) throws(ArchiveError) {
        // Searchable until the end, since entries follow.
        let mode = entry.permissions | 0o700
        do throws(SystemError) {
            try place.parent.shared.directory.makeDirectory(place.name, mode: mode, .noSymlinks)
        } catch  where error.code == EEXIST {
            try mergeDirectory(mode, at: place)
        } catch {
            throw .entry(entry.path, operation: "create directory", error)
        }
        try setOwner(entry, at: place)
        try setAttributes(entry, at: place)
        finishLater(place.path, permissions: entry.permissions, modified: entry.modified)
    }

    /// A directory entry over something: a directory stays, a whiteout becomes an opaque directory.
    private func mergeDirectory(_ mode: UInt32, at place: Place) throws(ArchiveError) {
        if try status(at: place)?.kind == .directory {
            return try attempt("set permissions of", place.entry) { () throws(SystemError) in
                try place.parent.shared.directory.setPermissions(place.name, mode, .noSymlinks)
            }
        }
        let replaced = try makeRoom(at: place)
        try attempt("create directory", place.entry) { () throws(SystemError) in
            try place.parent.shared.directory.makeDirectory(place.name, mode: mode, .noSymlinks)
        }
        if isMark(replaced) { try markOpaque(at: place) }
    }

    private func putSymlink(_ entry: TarEntry, at place: Place) throws(ArchiveError) {
        guard let target = entry.linkTarget, !target.isEmpty else {
            throw .refused(entry: entry.path, reason: "symbolic link without a target")
        }
        try creating("create symbolic link", at: place) { () throws(SystemError) in
            try place.parent.shared.directory.symlink(target: target, at: place.name, .noSymlinks)
        }
        try setOwner(entry, at: place)
        try setAttributes(entry, at: place)
        try setTimes(entry, at: place)
    }

    private func putNode(_ entry: TarEntry, _ kind: FileKind, at place: Place) throws(ArchiveError) {
        do {
            try creating("create node", at: place) { () throws(SystemError) in
                try place.parent.shared.directory.makeNode(
                    place.name,
                    kind: kind,
                    mode: entry.permissions,
                    major: entry.deviceMajor,
                    minor: entry.deviceMinor,
                    .noSymlinks
                )
            }
        } catch .entry(_, _, let error) where error.code == EPERM && kind != .fifo {
            // A user namespace may make no devices.
            return changes.skip(place.path, .device)
        }
        try setOwner(entry, at: place)
        try attempt("set permissions of", entry.path) { () throws(SystemError) in
            try place.parent.shared.directory.setPermissions(place.name, entry.permissions, .noSymlinks)
        }
        try setAttributes(entry, at: place)
        try setTimes(entry, at: place)
    }

    /// The target is a name in the root as well; its own metadata came with its own entry.
    private func putHardLink(_ entry: TarEntry, at place: Place) throws(ArchiveError) {
        let target = Self.cleaned(entry.linkTarget ?? "")
        let existing = try linkTarget(target, of: entry)
        guard let existing, !isMark(existing) else {
            try makeRoom(at: place)
            return changes.missingLinks.append(.init(path: place.path, target: target))
        }
        guard existing.kind != .directory else { throw .refused(entry: entry.path, reason: "hard link to a directory") }
        if let present = try status(at: place) {
            if present.identity == existing.identity { return }
            try makeRoom(at: place)
        }
        try attempt("link to `\(target)`", entry.path) { () throws(SystemError) in
            try root.directory.link(target, to: place.path, .inRoot)
        }
    }

    private func linkTarget(_ target: Path, of entry: TarEntry) throws(ArchiveError) -> FileStatus? {
        guard !target.isEmpty else { throw .refused(entry: entry.path, reason: "hard link to the root") }
        return try attempt("look up target of", entry.path) { () throws(SystemError) in
            try root.directory.statusIfExists(target, .inRoot)
        }
    }

    /// Makes a name; if it is taken, removes what has it and tries again.
    private func creating<Value: ~Copyable>(
        _ operation: String,
        at place: Place,
        _ body: () throws(SystemError) -> Value
    ) throws(ArchiveError) -> Value {
        do throws(SystemError) {
            return try body()
        } catch  where error.code == EEXIST {
            try makeRoom(at: place)
        } catch {
            throw .entry(place.entry, operation: operation, error)
        }
        return try attempt(operation, place.entry, body)
    }
}
