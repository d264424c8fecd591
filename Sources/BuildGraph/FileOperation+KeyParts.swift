import OCI

extension FileOperation {
    /// What of the actions counts for the key; with several of them, the number of the action is in each name.
    var keyParts: [KeyPart] {
        actions.enumerated().flatMap { index, action in
            action.keyParts.map { part in
                actions.count == 1 ? part : KeyPart(part.kind, "\(part.name) (\(index + 1))", part.value)
            }
        }
    }
}

extension FileAction {
    fileprivate var keyParts: [KeyPart] {
        let parts =
            switch self {
            case .copy(let copy): copy.keyParts
            case .makeFile(let file):
                [KeyPart(.setting, "file", file.path), KeyPart(.setting, "mode", octal(file.mode))]
                    + KeyPart.setting("text", "\(Digest.sha256(of: file.data))") + time(file.timestamp)
            case .makeDirectory(let directory):
                [KeyPart(.setting, "directory", directory.path), KeyPart(.setting, "mode", octal(directory.mode))]
                    + time(directory.timestamp)
            case .makeSymlink(let link):
                [KeyPart(.setting, "link", "\(link.path) to \(link.target)")] + time(link.timestamp)
            case .remove(let remove): [KeyPart(.setting, "removed path", remove.path)]
            }
        return parts + KeyPart.setting("owner", owner?.text ?? "")
    }
}

extension CopyAction {
    fileprivate var keyParts: [KeyPart] {
        var parts = KeyPart.setting("name of the source", lastComponent(of: source))
        parts += KeyPart.setting("destination", destination)
        switch mode {
        case nil: break
        case .absolute(let bits): parts += KeyPart.setting("mode", octal(bits))
        case .symbolic(let text): parts += KeyPart.setting("mode", text)
        }
        parts += KeyPart.setting("included patterns", includePatterns.joined(separator: " "))
        parts += KeyPart.setting("excluded patterns", excludePatterns.joined(separator: " "))
        return parts + time(timestamp)
    }
}

extension Owner {
    fileprivate var text: String { "\(user?.text ?? ""):\(group?.text ?? "")" }
}

extension Account {
    fileprivate var text: String {
        switch self {
        case .id(let id): "\(id)"
        case .name(let name, _): name
        }
    }
}

private func octal(_ mode: UInt32) -> String { String(mode, radix: 8) }

private func time(_ nanoseconds: Int64?) -> [KeyPart] {
    KeyPart.setting("time of files", nanoseconds.map { "\($0 / 1_000_000_000)" } ?? "")
}
