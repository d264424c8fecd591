extension ExecOperation {
    func encode(into encoder: inout CanonicalEncoder) {
        encoder.append(arguments)
        encoder.append(environment)
        encoder.append(workingDirectory)
        encoder.append(user)
        encoder.append(hostname)
        encoder.append(network.rawValue)
        encoder.append(security.rawValue)
        encoder.append(extraHosts) { encoder, host in
            encoder.append(host.name)
            if encoder.purpose == .identity {
                encoder.append(host.address)
            }
        }
        if encoder.purpose == .identity {
            encoder.append(proxyEnvironment)
        }
        encoder.append(secretEnvironment) { encoder, variable in
            encoder.append(variable.name)
            encoder.append(variable.id)
            encoder.append(variable.optional)
        }
        encoder.append(devices) { encoder, device in
            encoder.append(device.name)
            encoder.append(device.optional)
        }
        limits.encode(into: &encoder)
        encoder.append(validExitCodes) { $0.append($1) }
        encoder.append(mounts) { encoder, mount in
            let byContent = mount.input.map { contentSelectors(ofInput: $0) != nil } ?? false
            mount.encode(into: &encoder, inputCountsByContent: byContent)
        }
    }
}

extension ProcessLimits {
    func encode(into encoder: inout CanonicalEncoder) {
        encoder.append(ulimits) { encoder, limit in
            encoder.append(limit.name)
            encoder.append(limit.soft)
            encoder.append(limit.hard)
        }
        encoder.append(shmSize) { $0.append($1) }
        encoder.append(cgroupParent)
    }
}

extension ExecMount {
    func encode(into encoder: inout CanonicalEncoder, inputCountsByContent: Bool) {
        encoder.append(target)
        encoder.append(readOnly)
        switch kind {
        case .bind(let bind):
            encoder.append("bind")
            encoder.append(bind.input) { $0.append($1) }
            // Which path it is counts through the digest of what is there.
            if encoder.purpose == .identity || !inputCountsByContent {
                encoder.append(bind.source)
            }
        case .cache(let cache):
            encoder.append("cache")
            cache.encode(into: &encoder, target: target)
        case .tmpfs(let size):
            encoder.append("tmpfs")
            encoder.append(size) { $0.append($1) }
        case .secret(let file):
            encoder.append("secret")
            file.encode(into: &encoder)
        case .ssh(let file):
            encoder.append("ssh")
            file.encode(into: &encoder)
        }
    }
}

extension CacheMount {
    /// An id or a sharing of the user's choice doesn't count for the cache: what is in a cache mount must not make a
    /// difference to the result.
    func encode(into encoder: inout CanonicalEncoder, target: String) {
        let isDefault = sharing == .shared && (id == target || id.hasSuffix("/" + target))
        let counts = encoder.purpose == .identity || isDefault
        encoder.append(counts ? id : "")
        encoder.append(counts ? sharing.rawValue : "")
        encoder.append(input) { $0.append($1) }
        encoder.append(source)
        encoder.append(uid)
        encoder.append(gid)
        encoder.append(mode)
    }
}

extension ForwardedFile {
    func encode(into encoder: inout CanonicalEncoder) {
        encoder.append(id)
        encoder.append(uid)
        encoder.append(gid)
        encoder.append(mode)
        encoder.append(optional)
    }
}
