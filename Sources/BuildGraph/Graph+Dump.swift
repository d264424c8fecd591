import OCI

extension Graph {
    /// The graph as text that is the same for the same graph: a paragraph for each vertex, `v0` first, inputs before
    /// the vertices that use them.
    package func dump() -> String {
        var names: [Digest: String] = [:]
        var lines: [String] = []
        for (index, id) in order.enumerated() {
            guard let vertex = self[id] else { continue }
            names[id] = "v\(index)"
            lines += vertex.dump(as: "v\(index)", inputs: names)
        }
        return lines.map { $0 + "\n" }.joined()
    }
}

extension Vertex {
    fileprivate func dump(as label: String, inputs names: [Digest: String]) -> [String] {
        let inputNames = inputs.map { input in
            input.vertex.map { names[$0] ?? "\($0)" } ?? "scratch"
        }
        var head = "\(label) = \(operation.dumpHead)"
        if !inputs.isEmpty {
            head += " (" + inputNames.joined(separator: ", ") + ")"
        }
        var lines = [head, "  name: \(name)"]
        if let platform {
            lines.append("  platform: \(platform)")
        }
        if ignoreCache {
            lines.append("  ignore cache")
        }
        if let location {
            lines.append("  at: \(location.file):\(location.lines.lowerBound)-\(location.lines.upperBound)")
        }
        return lines + operation.dumpBody.map { "  " + $0 }
    }
}

extension Operation {
    fileprivate var dumpHead: String {
        switch self {
        case .source(.image(let reference, let manifest, let platform)): "image \(reference) \(manifest) \(platform)"
        case .source(.ociLayout(let path, let manifest, let platform)): "oci-layout \(path) \(manifest) \(platform)"
        case .source(.git(let git)): "git \(git.url)"
        case .source(.http(let http)): "http \(http.url)"
        case .source(.local(let local)): "local \(local.name)"
        case .exec(let exec): "exec \(quoted(exec.arguments))"
        case .file: "file"
        case .merge: "merge"
        case .diff: "diff"
        }
    }

    fileprivate var dumpBody: [String] {
        switch self {
        case .source(.git(let git)): git.dumpBody
        case .source(.http(let http)): http.dumpBody
        case .source(.local(let local)):
            field("exclude", local.excludePatterns) + field("include", local.includePatterns)
        case .exec(let exec): exec.dumpBody
        case .file(let file): file.actions.map(\.dumpLine)
        case .source, .merge, .diff: []
        }
    }
}

extension GitSource {
    fileprivate var dumpBody: [String] {
        var lines = field("ref", reference) + field("subdirectory", subdirectory) + field("checksum", checksum)
        lines += flags([
            ("keep git directory", keepGitDirectory), ("no submodules", !submodules),
            ("commit times", fileTimes == .commit), ("fetch by commit", fetchByCommit),
        ])
        lines += field("auth header secret", authHeaderSecret) + field("auth token secret", authTokenSecret)
        return lines + field("known hosts", knownSSHHosts) + field("ssh agent", sshAgent)
    }
}

extension HTTPSource {
    fileprivate var dumpBody: [String] {
        var lines = field("checksum", checksum?.description) + field("filename", filename)
        lines += field("permissions", permissions.map(octal))
        if uid != 0 || gid != 0 {
            lines.append("owner: \(uid):\(gid)")
        }
        lines += headers.sorted { $0.key < $1.key }.map { "header: \($0.key): \($0.value)" }
        return lines + field("auth header secret", authHeaderSecret)
    }
}

extension ExecOperation {
    fileprivate var dumpBody: [String] {
        var lines = environment.map { "env: \($0)" }
        lines.append("directory: \(workingDirectory)")
        lines += field("user", user.isEmpty ? nil : user) + field("hostname", hostname.isEmpty ? nil : hostname)
        lines += field("network", network == .sandbox ? nil : network.rawValue)
        lines += field("security", security == .sandbox ? nil : security.rawValue)
        lines += extraHosts.map { "host: \($0.name) \($0.address)" }
        lines += proxyEnvironment.map { "proxy env: \($0)" }
        lines += secretEnvironment.map { "secret env: \($0.name) from \($0.id)\($0.optional ? " optional" : "")" }
        lines += devices.map { "device: \($0.name)\($0.optional ? " optional" : "")" }
        lines += limits.ulimits.map { "ulimit: \($0.name) \($0.soft):\($0.hard)" }
        lines += field("shm size", limits.shmSize.map { "\($0)" })
        lines += field("cgroup parent", limits.cgroupParent.isEmpty ? nil : limits.cgroupParent)
        lines += field("valid exit codes", validExitCodes.map { "\($0)" })
        return lines + mounts.map(\.dumpLine)
    }
}

extension ExecMount {
    fileprivate var dumpLine: String {
        let access = readOnly ? "ro" : "rw"
        let detail =
            switch kind {
            case .bind(let bind): "bind \(inputText(bind.input)):\(bind.source)"
            case .cache(let cache): cache.dumpText
            case .tmpfs(let size): "tmpfs\(size.map { " size \($0)" } ?? "")"
            case .secret(let file): "secret \(file.dumpText)"
            case .ssh(let file): "ssh \(file.dumpText)"
            }
        return "mount: \(target) \(access) \(detail)"
    }
}

extension CacheMount {
    fileprivate var dumpText: String {
        let base = input == nil ? "" : " from \(inputText(input)):\(source)"
        return "cache \(id) \(sharing.rawValue)\(base) owner \(uid):\(gid) mode \(octal(mode))"
    }
}

extension ForwardedFile {
    fileprivate var dumpText: String {
        "\(id) owner \(uid):\(gid) mode \(octal(mode))\(optional ? " optional" : "")"
    }
}

extension FileAction {
    fileprivate var dumpLine: String {
        switch self {
        case .copy(let copy):
            return copy.dumpLine
        case .makeFile(let file):
            let content = Digest.sha256(of: file.data)
            return "make file: \(file.path) mode \(octal(file.mode)) \(file.data.count) bytes \(content)"
                + attributes(file.owner, file.timestamp)
        case .makeDirectory(let directory):
            let parents = directory.makeParents ? " with parents" : ""
            return "make directory: \(directory.path) mode \(octal(directory.mode))\(parents)"
                + attributes(directory.owner, directory.timestamp)
        case .makeSymlink(let link):
            return "make symlink: \(link.path) -> \(link.target)" + attributes(link.owner, link.timestamp)
        case .remove(let remove):
            let options = (remove.allowNotFound ? " optional" : "") + (remove.allowWildcard ? " wildcard" : "")
            return "remove: \(remove.path)\(options)"
        }
    }
}

extension CopyAction {
    fileprivate var dumpLine: String {
        var line = "copy: \(inputText(input)):\(source) -> \(destination)" + options.dumpText
        switch mode {
        case .absolute(let bits): line += " mode \(octal(bits))"
        case .symbolic(let text): line += " mode \(text)"
        case nil: break
        }
        line += attributes(owner, timestamp)
        for (label, list) in [
            ("include", includePatterns), ("exclude", excludePatterns), ("require", requiredPaths),
        ] where !list.isEmpty {
            line += " \(label) \(quoted(list))"
        }
        return line
    }
}

extension CopyOptions {
    /// The options that are not as for `COPY`.
    fileprivate var dumpText: String {
        let usual = CopyOptions()
        return [
            ("no-follow", followSymlink != usual.followSymlink), ("itself", contentsOnly != usual.contentsOnly),
            ("no-parents", createDestination != usual.createDestination),
            ("no-wildcard", allowWildcard != usual.allowWildcard),
            ("non-empty", allowEmptyWildcard != usual.allowEmptyWildcard), ("unpack", attemptUnpack),
            ("replace", alwaysReplaceExisting),
        ].map { $0.1 ? " " + $0.0 : "" }.joined()
    }
}

private func attributes(_ owner: Owner?, _ timestamp: Int64?) -> String {
    let ownerText = owner.map { " owner \(accountText($0.user)):\(accountText($0.group))" } ?? ""
    return ownerText + (timestamp.map { " time \($0)" } ?? "")
}

private func accountText(_ account: Account?) -> String {
    switch account {
    case .id(let id): "\(id)"
    case .name(let name, let input): "\(name)@\(inputText(input))"
    case nil: ""
    }
}

private func inputText(_ index: Int?) -> String {
    index.map { "#\($0)" } ?? "scratch"
}

private func octal(_ mode: UInt32) -> String {
    let digits = String(mode, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
}

private func quoted(_ words: [String]) -> String {
    "[" + words.map(\.debugDescription).joined(separator: " ") + "]"
}

private func field(_ name: String, _ value: String?) -> [String] {
    value.map { ["\(name): \($0)"] } ?? []
}

private func field(_ name: String, _ list: [String]) -> [String] {
    list.isEmpty ? [] : ["\(name): \(quoted(list))"]
}

private func flags(_ flags: [(String, Bool)]) -> [String] {
    flags.filter(\.1).map(\.0)
}
