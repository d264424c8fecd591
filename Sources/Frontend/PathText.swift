import DockerfileParser

/// Slash paths inside images, treated as text: nothing here looks at a file system.
enum PathText {
    /// The shortest equal path: no empty, `.` or resolvable `..` components; `..` above the root of an absolute path
    /// vanishes.
    ///
    /// An empty path gives `.`.
    static func clean(_ path: String) -> String {
        if LexicalPath.isClean(path) { return path }
        return String(decoding: LexicalPath.clean(Array(path.utf8)[...]), as: UTF8.self)
    }

    /// The cleaned path of `path` seen from `directory`; an absolute path stands for itself.
    static func join(_ directory: String, _ path: String) -> String {
        clean(path.hasPrefix("/") ? path : "\(directory)/\(path)")
    }

    /// The cleaned path below the root, whatever `..` or missing slash the text begins with.
    static func rooted(_ path: String) -> String { clean(path.hasPrefix("/") ? path : "/" + path) }

    /// The last component of a path, `/` for the root and `.` for an empty path.
    static func base(_ path: String) -> String {
        if path.isEmpty { return "." }
        return path.split(separator: "/").last.map(String.init) ?? "/"
    }

    /// The destination of a copy: seen from the working directory, with the `/` or `/.` that marks a directory kept.
    static func destination(_ path: String, from directory: String) -> String {
        let written = path.isEmpty || path == "." ? "./" : path
        let result = join(directory, written)
        if written.hasSuffix("/.") { return result == "/" ? "/." : result + "/." }
        return written.hasSuffix("/") && result != "/" ? result + "/" : result
    }

    /// Whether a path holds a wildcard character.
    static func hasWildcard(_ path: String) -> Bool { path.utf8.contains { "*?[".utf8.contains($0) } }
}
