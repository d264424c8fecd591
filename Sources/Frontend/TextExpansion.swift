import BuildGraph
import DockerfileParser

/// Expands and parses the texts of one Dockerfile, and says where errors are.
struct TextExpansion: Sendable {
    /// The name of the Dockerfile as messages show it.
    let file: String
    private let expander: WordExpander

    init(_ dockerfile: Dockerfile) {
        file = dockerfile.source.name
        expander = WordExpander(escape: dockerfile.escape)
    }

    /// Expands a text as one word; also returns the names that aren't set.
    func expand(
        _ text: String,
        _ environment: StageEnvironment,
        at origin: Origin
    ) throws(FrontendError) -> (text: String, undefined: [String]) {
        let result = try words(text, environment, at: origin)
        return (result.text, result.undefinedNames)
    }

    /// Expands a text, which may give several words or none.
    func words(
        _ text: String,
        _ environment: StageEnvironment,
        at origin: Origin
    ) throws(FrontendError) -> Expansion {
        do {
            return try expander.expand(text) { environment[$0] }
        } catch {
            throw failure(error, at: origin)
        }
    }

    /// The bytes of a heredoc that `COPY` or `ADD` makes a file of.
    func document(
        _ heredoc: Heredoc,
        _ environment: StageEnvironment,
        at origin: Origin
    ) throws(FrontendError) -> (bytes: [UInt8], undefined: [String]) {
        guard heredoc.expands else { return (heredoc.content, []) }
        do {
            let result = try WordExpander.expandDocument(heredoc.content) { environment[$0] }
            return (result.bytes, result.undefinedNames)
        } catch {
            throw failure(error, at: origin)
        }
    }

    /// A `--mount` with its values expanded, and the names in it that aren't set.
    func mount(
        _ text: String,
        _ environment: StageEnvironment,
        at origin: Origin
    ) throws(FrontendError) -> (options: MountOptions, undefined: [String]) {
        var undefined: [String] = []
        do {
            let options = try MountOptions(parsing: text) { value in
                let result = try words(value, environment, at: origin)
                undefined += result.undefinedNames
                return result.text
            }
            return (options, undefined)
        } catch let error as ParseError {
            throw failure(error, at: origin)
        } catch let error as FrontendError {
            throw error
        } catch {
            throw FrontendError(.invalidMount(reason: "\(error)"), at: [location(of: origin)])
        }
    }

    /// The instruction that a trigger of a base image stands for, at the lines of the `FROM`.
    func trigger(_ text: String, at origin: Origin) throws(FrontendError) -> Instruction {
        do {
            return try Dockerfile.parseTrigger(text, at: origin.range)
        } catch {
            throw failure(error, at: origin)
        }
    }

    /// The lines of an instruction.
    func location(of origin: Origin) -> SourceLocation { SourceLocation(file: file, range: origin.range) }

    /// A parser's error as the frontend's, placed at an instruction unless it has a place.
    func failure(_ error: ParseError, at origin: Origin) -> FrontendError {
        let located = error.located(at: origin.range)
        return FrontendError(
            .syntax(located),
            at: [SourceLocation(file: file, range: located.range ?? origin.range)]
        )
    }
}
