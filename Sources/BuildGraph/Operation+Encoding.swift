import OCI

extension Operation {
    /// Appends what of the operation counts for the encoder's purpose.
    func encode(into encoder: inout CanonicalEncoder) {
        switch self {
        case .source(let source):
            encoder.append("source")
            source.encode(into: &encoder)
        case .exec(let exec):
            encoder.append("exec")
            exec.encode(into: &encoder)
        case .file(let file):
            encoder.append("file")
            encoder.append(file.actions) { $1.encode(into: &$0) }
        case .merge:
            encoder.append("merge")
        case .diff:
            encoder.append("diff")
        }
    }
}

extension SourceOperation {
    func encode(into encoder: inout CanonicalEncoder) {
        switch self {
        case .image(let reference, let manifest, let platform):
            encoder.append("image")
            // What an image is called makes no difference to what is in it.
            if encoder.purpose == .identity {
                encoder.append(reference.description)
            }
            encoder.append(manifest)
            encoder.append(platform)
        case .ociLayout(let path, let manifest, let platform):
            // For the cache the same manifest is the same result, wherever it is.
            encoder.append(encoder.purpose == .identity ? "oci-layout" : "image")
            if encoder.purpose == .identity {
                encoder.append(path)
            }
            encoder.append(manifest)
            encoder.append(platform)
        case .git(let git):
            encoder.append("git")
            git.encode(into: &encoder)
        case .http(let http):
            encoder.append("http")
            http.encode(into: &encoder)
        case .local(let local):
            encoder.append("local")
            encoder.append(local.name)
            encoder.append(local.excludePatterns)
            encoder.append(local.includePatterns)
        }
    }
}

extension GitSource {
    func encode(into encoder: inout CanonicalEncoder) {
        if encoder.purpose == .identity {
            encoder.append(url)
            encoder.append(checksum)
            encoder.append(fetchByCommit)
            encoder.append(authHeaderSecret)
            encoder.append(authTokenSecret)
            encoder.append(knownSSHHosts)
            encoder.append(sshAgent)
        }
        // With the Git directory, the name that was asked for and the remote are part of the result.
        if encoder.purpose == .identity || keepGitDirectory {
            encoder.append(url)
            encoder.append(reference)
        }
        encoder.append(subdirectory)
        encoder.append(keepGitDirectory)
        encoder.append(submodules)
        encoder.append(fileTimes.rawValue)
    }
}

extension HTTPSource {
    func encode(into encoder: inout CanonicalEncoder) {
        // Where a file with a name comes from makes no difference to what is in it.
        if encoder.purpose == .identity || filename == nil {
            encoder.append(url)
        }
        encoder.append(checksum) { $0.append($1) }
        encoder.append(filename)
        encoder.append(permissions) { $0.append($1) }
        encoder.append(uid)
        encoder.append(gid)
        encoder.append(headers.sorted { $0.key < $1.key }) { encoder, header in
            encoder.append(header.key)
            encoder.append(header.value)
        }
        encoder.append(authHeaderSecret)
    }
}
