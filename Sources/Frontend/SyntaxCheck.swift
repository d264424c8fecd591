import BuildGraph
import DockerfileParser
import OCI

extension FrontendRequest {
    /// Refuses a definition that asks for another frontend than the built-in one; spec/06 §6.5.
    ///
    /// The build argument `BUILDKIT_SYNTAX` replaces the directive of the file.
    func checkSyntax() throws(FrontendError) {
        if let text = buildArguments["BUILDKIT_SYNTAX"], let word = text.split(whereSeparator: \.isWhitespace).first {
            guard Self.isBuiltIn(String(word)) else { throw FrontendError(.foreignFrontend(String(word)), at: []) }
        } else if let syntax = SyntaxDirective.detect(in: dockerfile.bytes), !Self.isBuiltIn(syntax.reference) {
            let location = SourceLocation(file: dockerfile.name, range: syntax.range)
            throw FrontendError(.foreignFrontend(syntax.reference), at: [location])
        }
    }

    /// Whether a frontend is the Dockerfile's own, in whatever version.
    private static func isBuiltIn(_ text: String) -> Bool {
        if text == "dockerfile.v0" { return true }
        guard let reference = try? ImageReference(parsing: text), reference.domain == "docker.io" else { return false }
        return reference.repository == "docker/dockerfile" || reference.repository == "docker/dockerfile-upstream"
    }
}
