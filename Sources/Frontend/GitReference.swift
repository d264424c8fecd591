import BuildGraph
import DockerfileParser

/// A text that names a Git repository, as build contexts and `ADD` sources do; spec/03 §3.3.
package struct GitReference: Hashable, Sendable {
    /// The repository, reference and options.
    package var source: GitSource
    /// Whether the text has neither scheme nor user, so that it could be a local path: `github.com/owner/repository`.
    package var isLikePath: Bool
    /// Whether the transport is neither encrypted nor authenticated.
    package var isUnencrypted: Bool
    /// `keep-git-dir` of the query, nil where it isn't given.
    package var keepGitDirectory: Bool?

    /// Recognises a reference; nil is returned for any other text.
    ///
    /// Throws where a reference has a bad query.
    package static func parse(_ text: String) throws(GitReferenceError) -> GitReference? {
        if text.hasPrefix("./") || text.hasPrefix("../") { return nil }
        guard text.utf8.contains(UInt8(ascii: ":")) || text.hasPrefix("github.com/") else { return nil }
        if let separator = text.firstRange(of: "://") {
            return try url(text, scheme: text[..<separator.lowerBound].lowercased())
        }
        if text.hasPrefix("github.com/") {
            return try url("https://" + text, scheme: "https", isLikePath: true)
        }
        guard isSCP(text) else { return nil }
        return try GitReference(remoteAndSuffix: text)
    }

    private static func url(
        _ text: String,
        scheme: String,
        isLikePath: Bool = false
    ) throws(GitReferenceError) -> GitReference? {
        guard ["http", "https", "ssh", "git"].contains(scheme) else { return nil }
        if !isLikePath, scheme == "http" || scheme == "https", !path(of: text).hasSuffix(".git") { return nil }
        var reference = try GitReference(remoteAndSuffix: text)
        reference.isLikePath = isLikePath
        reference.isUnencrypted = scheme == "http" || scheme == "git"
        return reference
    }

    private init(remoteAndSuffix text: String) throws(GitReferenceError) {
        let fragmentParts = text.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let queryParts = (fragmentParts.first ?? "").split(
            separator: "?",
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        source = GitSource(url: String(queryParts.first ?? ""))
        isLikePath = false
        isUnencrypted = false
        if fragmentParts.count == 2 { setFragment(String(fragmentParts[1])) }
        if queryParts.count == 2 { try setQuery(String(queryParts[1])) }
    }

    private mutating func setFragment(_ fragment: String) {
        let parts = fragment.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        if let reference = parts.first, !reference.isEmpty { source.reference = reference }
        if parts.count == 2, !parts[1].isEmpty { source.subdirectory = parts[1] }
    }

    private static func path(of url: String) -> Substring {
        let bare = url.prefix { $0 != "#" && $0 != "?" }
        guard let scheme = bare.firstRange(of: "://") else { return bare }
        let rest = bare[scheme.upperBound...]
        return rest.firstIndex(of: "/").map { rest[$0...] } ?? ""
    }

    /// `user@host:path`, where the user and host hold neither slash nor colon.
    private static func isSCP(_ text: String) -> Bool {
        guard let colon = text.firstIndex(of: ":"), let at = text[..<colon].firstIndex(of: "@") else { return false }
        let user = text[..<at]
        let host = text[text.index(after: at)..<colon]
        let isName = { (name: Substring) in
            !name.isEmpty && name.allSatisfy { $0.isLetter || $0.isNumber || "-_.".contains($0) }
        }
        return isName(user) && isName(host) && text.index(after: colon) < text.endIndex
    }
}

extension GitReference {
    private mutating func setQuery(_ query: String) throws(GitReferenceError) {
        var tag: String?
        var branch: String?
        var seen: Set<String> = []
        for field in query.split(separator: "&") {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let key = PercentEncoding.decoded(String(parts[0]))
            let value = parts.count == 2 ? PercentEncoding.decoded(String(parts[1])) : ""
            guard seen.insert(key).inserted else { throw .severalValues(key) }
            switch key {
            case "tag": tag = try Self.nonEmpty(value, key)
            case "branch": branch = try Self.nonEmpty(value, key)
            default: try setOption(key, value)
            }
        }
        if tag != nil, branch != nil { throw .branchAndTag }
        try setReference(tag.map { Self.prefixed($0, "refs/tags/") })
        try setReference(branch.map { Self.prefixed($0, "refs/heads/") })
    }

    private mutating func setOption(_ key: String, _ value: String) throws(GitReferenceError) {
        switch key {
        case "ref": try setReference(Self.nonEmpty(value, key))
        case "subdir":
            let directory = try Self.nonEmpty(value, key)
            if let other = source.subdirectory, other != directory { throw .subdirectories(other, directory) }
            source.subdirectory = directory
        case "checksum", "commit": source.checksum = try Self.nonEmpty(value, key)
        case "keep-git-dir":
            keepGitDirectory = try Self.boolean(value, key)
            source.keepGitDirectory = keepGitDirectory ?? false
        case "submodules": source.submodules = try Self.boolean(value, key)
        case "fetch-by-commit": source.fetchByCommit = try Self.boolean(value, key)
        case "mtime":
            guard let times = GitSource.FileTimes(rawValue: value) else { throw .fileTimes(value) }
            source.fileTimes = times
        default: throw .unexpectedQuery(key)
        }
    }

    private mutating func setReference(_ reference: String?) throws(GitReferenceError) {
        guard let reference else { return }
        if let other = source.reference, other != reference { throw .references(other, reference) }
        source.reference = reference
    }

    private static func prefixed(_ name: String, _ prefix: String) -> String {
        name.hasPrefix(prefix) ? name : prefix + name
    }

    private static func nonEmpty(_ value: String, _ key: String) throws(GitReferenceError) -> String {
        if value.isEmpty { throw .noValue(key) }
        return value
    }

    private static func boolean(_ value: String, _ key: String) throws(GitReferenceError) -> Bool {
        if value.isEmpty { return true }
        guard let result = BooleanText.value(of: value) else { throw .boolean(key: key, value: value) }
        return result
    }
}

/// Why the query of a Git reference is refused.
package enum GitReferenceError: Error, Hashable, Sendable, CustomStringConvertible {
    case unexpectedQuery(String)
    case severalValues(String)
    case noValue(String)
    case boolean(key: String, value: String)
    case fileTimes(String)
    case references(String, String)
    case branchAndTag
    case subdirectories(String, String)

    /// The message for the user.
    package var description: String {
        switch self {
        case .unexpectedQuery(let key): "unexpected query \(key.goQuoted)"
        case .severalValues(let key): "query \(key.goQuoted) has multiple values"
        case .noValue(let key): "query \(key.goQuoted) has no value"
        case .boolean(let key, let value): "invalid \(key) value: \(value.goQuoted)"
        case .fileTimes(let value): "invalid mtime value: \(value.goQuoted) (must be \"checkout\" or \"commit\")"
        case .references(let left, let right): "ref conflicts: \(left.goQuoted) vs \(right.goQuoted)"
        case .branchAndTag: "branch conflicts with tag"
        case .subdirectories(let left, let right):
            "subdir conflicts: \(left.goQuoted) vs \(right.goQuoted)"
        }
    }
}
