extension FileAction {
    func encode(into encoder: inout CanonicalEncoder) {
        switch self {
        case .copy(let copy):
            encoder.append("copy")
            copy.encode(into: &encoder)
        case .makeFile(let file):
            encoder.append("make-file")
            encoder.append(file.path)
            encoder.append(file.mode)
            encoder.append(file.data)
            encoder.append(file.owner) { $1.encode(into: &$0) }
            encoder.append(file.timestamp) { $0.append($1) }
        case .makeDirectory(let directory):
            encoder.append("make-directory")
            encoder.append(directory.path)
            encoder.append(directory.mode)
            encoder.append(directory.makeParents)
            encoder.append(directory.owner) { $1.encode(into: &$0) }
            encoder.append(directory.timestamp) { $0.append($1) }
        case .makeSymlink(let link):
            encoder.append("make-symlink")
            encoder.append(link.target)
            encoder.append(link.path)
            encoder.append(link.owner) { $1.encode(into: &$0) }
            encoder.append(link.timestamp) { $0.append($1) }
        case .remove(let remove):
            encoder.append("remove")
            encoder.append(remove.path)
            encoder.append(remove.allowNotFound)
            encoder.append(remove.allowWildcard)
        }
    }
}

extension CopyAction {
    func encode(into encoder: inout CanonicalEncoder) {
        encoder.append(input) { $0.append($1) }
        // Where the source counts by content, only its name can still show in the result; wildcards have one, too.
        let countsByContent = encoder.purpose == .cacheKey && input != 0
        encoder.append(countsByContent ? lastComponent(of: source) : source)
        encoder.append(destination)
        options.encode(into: &encoder)
        encoder.append(mode) { encoder, mode in
            switch mode {
            case .absolute(let bits):
                encoder.append("absolute")
                encoder.append(bits)
            case .symbolic(let text):
                encoder.append("symbolic")
                encoder.append(text)
            }
        }
        encoder.append(owner) { $1.encode(into: &$0) }
        encoder.append(includePatterns)
        encoder.append(excludePatterns)
        encoder.append(requiredPaths)
        encoder.append(timestamp) { $0.append($1) }
    }
}

extension CopyOptions {
    func encode(into encoder: inout CanonicalEncoder) {
        for flag in [
            followSymlink, contentsOnly, createDestination, allowWildcard, allowEmptyWildcard, attemptUnpack,
            alwaysReplaceExisting,
        ] {
            encoder.append(flag)
        }
    }
}

extension Owner {
    func encode(into encoder: inout CanonicalEncoder) {
        for account in [user, group] {
            encoder.append(account) { encoder, account in
                switch account {
                case .id(let id):
                    encoder.append("id")
                    encoder.append(id)
                case .name(let name, let input):
                    encoder.append("name")
                    encoder.append(name)
                    encoder.append(input)
                }
            }
        }
    }
}

/// The last component of a path that has one, else `/`.
func lastComponent(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? "/"
}
