extension ExecOperation {
    /// What of a process counts for its key.
    var keyParts: [KeyPart] {
        var parts = [KeyPart(.setting, "command", arguments.joined(separator: " "))]
        for variable in environment {
            let name = variable.prefix { $0 != "=" }
            parts.append(KeyPart(.environment, String(name), String(variable.dropFirst(name.count + 1))))
        }
        parts += KeyPart.setting("working directory", workingDirectory)
        parts += KeyPart.setting("user", user)
        parts += KeyPart.setting("host name", hostname)
        parts += KeyPart.setting("network", network == .sandbox ? "" : network.rawValue)
        parts += KeyPart.setting("security", security == .sandbox ? "" : security.rawValue)
        parts += KeyPart.setting("names of extra hosts", extraHosts.map(\.name).joined(separator: " "))
        let secrets = secretEnvironment.map { "\($0.name)=\($0.id)\($0.optional ? "" : " (required)")" }
        parts += KeyPart.setting("secrets in variables", secrets.joined(separator: " "))
        let devices = devices.map { $0.name + ($0.optional ? "" : " (required)") }
        parts += KeyPart.setting("devices", devices.joined(separator: " "))
        parts += limits.keyParts
        parts += KeyPart.setting("exit codes", validExitCodes.map(String.init).joined(separator: " "))
        return parts + mounts.dropFirst().map { KeyPart(.mount, $0.target, $0.text) }
    }
}

extension ProcessLimits {
    fileprivate var keyParts: [KeyPart] {
        KeyPart.setting("ulimits", ulimits.map { "\($0.name)=\($0.soft):\($0.hard)" }.joined(separator: " "))
            + KeyPart.setting("size of /dev/shm", shmSize.map { "\($0)" } ?? "")
            + KeyPart.setting("parent of control groups", cgroupParent)
    }
}

extension ExecMount {
    /// What of the mount counts, in the terms of `RUN --mount`.
    fileprivate var text: String {
        let fields =
            switch kind {
            case .bind: ["type=bind"]
            case .cache(let cache):
                ["type=cache", "uid=\(cache.uid)", "gid=\(cache.gid)", "mode=\(String(cache.mode, radix: 8))"]
            case .tmpfs(let size): ["type=tmpfs"] + (size.map { ["size=\($0)"] } ?? [])
            case .secret(let file): ["type=secret"] + file.fields
            case .ssh(let file): ["type=ssh"] + file.fields
            }
        return (fields + [readOnly ? "ro" : "rw"]).joined(separator: ",")
    }
}

extension ForwardedFile {
    fileprivate var fields: [String] {
        ["id=\(id)", "uid=\(uid)", "gid=\(gid)", "mode=\(String(mode, radix: 8))"] + (optional ? [] : ["required"])
    }
}
