import OCI

/// Something brought in from outside; spec/03.
package enum SourceOperation: Hashable, Sendable {
    /// The root filesystem of an image, pinned to one manifest (never an index).
    case image(reference: ImageReference, manifest: Digest, platform: Platform)
    /// As `image`, from an OCI layout directory.
    case ociLayout(path: String, manifest: Digest, platform: Platform)
    /// A checkout of a repository.
    case git(GitSource)
    /// A single file, downloaded.
    case http(HTTPSource)
    /// A directory of this machine, read in place.
    case local(LocalSource)
}

/// A checkout of a Git repository; spec/03 §3.3.
package struct GitSource: Hashable, Sendable {
    /// What the modification times of checked out files are.
    package enum FileTimes: String, Hashable, Sendable {
        case checkout
        case commit
    }

    /// The remote as given to `git`, without fragment and query.
    package var url: String
    /// A branch, tag, full reference name or commit; `nil` is the remote's `HEAD`.
    package var reference: String?
    /// The directory whose contents are the result; `nil` is all of the checkout.
    package var subdirectory: String?
    /// A commit, or the beginning of one, that the reference must resolve to.
    package var checksum: String?
    package var keepGitDirectory = false
    package var submodules = true
    package var fileTimes = FileTimes.checkout
    package var fetchByCommit = false
    /// The names of the secrets that hold an `Authorization` header or a token.
    package var authHeaderSecret: String?
    package var authTokenSecret: String?
    /// Lines for `known_hosts`.
    package var knownSSHHosts: String?
    /// The id of the SSH agent to forward.
    package var sshAgent: String?

    /// A checkout of `reference` with submodules and without the `.git` directory.
    package init(url: String, reference: String? = nil, subdirectory: String? = nil) {
        self.url = url
        self.reference = reference
        self.subdirectory = subdirectory
    }
}

/// A file fetched over HTTP; spec/03 §3.4.
package struct HTTPSource: Hashable, Sendable {
    package var url: String
    /// What the body must be.
    package var checksum: Digest?
    /// The name of the file in the result; `nil` follows the response and the URL.
    package var filename: String?
    /// The permission bits of the file; `nil` is 0600.
    package var permissions: UInt32?
    package var uid: UInt32 = 0
    package var gid: UInt32 = 0
    /// Request headers, at most `Accept` and `User-Agent`.
    package var headers: [String: String] = [:]
    /// The name of the secret that holds the `Authorization` header.
    package var authHeaderSecret: String?

    /// The file behind `url`.
    package init(url: String, checksum: Digest? = nil, filename: String? = nil) {
        self.url = url
        self.checksum = checksum
        self.filename = filename
    }
}

/// A directory of this machine, seen through filters; spec/03 §3.6.
package struct LocalSource: Hashable, Sendable {
    /// `context`, `dockerfile`, or the name of a named context.
    package var name: String
    /// Patterns of the ignore file, in its order; the last match wins.
    package var excludePatterns: [String]
    /// Where not empty, only paths that match are visible.
    package var includePatterns: [String]

    /// The directory known to this build as `name`.
    package init(name: String, excludePatterns: [String] = [], includePatterns: [String] = []) {
        self.name = name
        self.excludePatterns = excludePatterns
        self.includePatterns = includePatterns
    }
}
