import DockerfileParser

extension BuildRequest {
    /// Where the Dockerfile is, as a reference relative to the current directory (inside the repository for a Git
    /// context), or as a `file` URI where its path is absolute.
    var dockerfileURI: String {
        let path =
            switch (dockerfile, context) {
            case (.path(let file), _): file
            case (.inContext, .directory(let directory)): directory + "/Dockerfile"
            default: "Dockerfile"
            }
        let parts = path.split(separator: "/").filter { $0 != "." }.map(Self.encoded)
        return (path.hasPrefix("/") ? "file:///" : "") + parts.joined(separator: "/")
    }

    /// A part of a path with everything but unreserved characters as `%XX` (RFC 3986).
    private static func encoded(_ part: Substring) -> String {
        part.utf8.map { byte in
            let character = Character(Unicode.Scalar(byte))
            let isPlain = character.isASCII && (character.isLetter || character.isNumber || "-._~".contains(character))
            if isPlain { return String(character) }
            let hex = String(byte, radix: 16, uppercase: true)
            return "%" + (hex.count == 1 ? "0" : "") + hex
        }.joined()
    }
}
