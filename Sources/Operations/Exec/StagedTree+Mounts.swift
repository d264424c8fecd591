import Glibc
import LinuxSystem
import Sandbox
import Storage

// What a build definition asks to be mounted.
extension StagedTree {
    /// Puts in all that `environment` mounts; cache volumes are moved by `volumes`.
    func put(_ environment: RunEnvironment, volumes: CacheMounts) throws {
        try putProcessInformation()
        try putDevices()
        let files: [(Path, String?)] = [
            ("/etc/resolv.conf", environment.resolverConfiguration), ("/etc/hosts", environment.hosts),
        ]
        for case (let path, let text?) in files {
            try putFile(path, Array(text.utf8), permissions: 0o644, uid: 0, gid: 0)
        }
        // Parents first.
        for mount in environment.mounts.sorted(by: { $0.target < $1.target }) { try put(mount, volumes) }
    }

    private func put(_ mount: RunMount, _ volumes: CacheMounts) throws {
        switch mount.content {
        case .file(let contents, let permissions, let uid, let gid):
            try putFile(mount.target, contents, permissions: permissions, uid: uid, gid: gid)
        case .temporary:
            try put(mount.target) { parent, name in try parent.makeDirectory(name, mode: 0o1777, .noSymlinks) }
        case .bind(.path(let source), let subpath):
            if try volumes.isVolume(source) { return try putVolume(source, at: mount.target, volumes) }
            try putTree(source, subpath ?? "", at: mount.target)
        case .device: throw OperationError.needsNamespaces("`RUN --device`")
        case .bind(.overlay, _): throw OperationError.unsupported("an overlay without mounts")
        }
    }

    private func putFile(_ target: Path, _ contents: [UInt8], permissions: UInt32, uid: UInt32, gid: UInt32) throws {
        try put(target) { parent, name in
            let file = try parent.openFile(name, [.writeOnly, .create, .exclusive], mode: 0o600, .noSymlinks)
            try file.writeAll(contents)
            try file.setOwner(uid: uid, gid: gid)
            try file.setPermissions(permissions)
        }
    }

    /// Moves in a throw-away tree, or a place in it; of a socket, which somebody listens on, one more name.
    private func putTree(_ source: Path, _ subpath: Path, at target: Path) throws {
        let home = try Directory.open(source.parent)
        guard let last = source.lastComponent else { throw SystemError("mount", source, code: EINVAL) }
        var place = last
        if try home.status(last).kind == .directory {
            let tree = try home.openDirectory(last, .noSymlinks)
            place = last.appending(try LinkResolver.resolve(subpath, in: tree, followLast: true))
        }
        let isSocket = try home.status(place, .noSymlinks).kind == .socket
        try put(target) { parent, name in
            if isSocket {
                try home.link(place, to: name, in: parent)
            } else {
                try home.rename(place, to: name, in: parent)
            }
        }
    }

    /// Moves a volume in; where it is in the tree already, a link leads there.
    private func putVolume(_ source: Path, at target: Path, _ volumes: CacheMounts) throws {
        if let place = place(ofVolume: source) {
            return try put(target) { parent, name in
                try parent.symlink(target: Path("/").appending(place), at: name, .noSymlinks)
            }
        }
        try put(target, volume: source) { parent, name in
            try volumes.lend(source, to: path, at: parent.currentPath().appending(name))
        }
    }
}
