/// The syntax tree of a Dockerfile: directives, global `ARG`s, then stages, in the order of the file.
///
/// Values are unexpanded text. Bytes that are not UTF-8 are decoded as U+FFFD, except in heredoc bodies, which keep
/// their bytes.
package struct Dockerfile: Hashable, Sendable {
    /// The file that was parsed.
    package var source: SourceFile
    /// The parser directives at the top of the file.
    package var directives: Directives
    /// The `ARG`s before the first `FROM`, which are visible in `FROM` lines only.
    package var globalArguments: [ArgInstruction]
    /// The stages; never empty.
    package var stages: [Stage]
    /// What the reader found questionable, in the order of the file.
    package var warnings: [LintFinding]

    /// The escape character: `\` or `` ` ``.
    package var escape: EscapeCharacter { directives.escape }
}

/// A `FROM` instruction and the instructions up to the next one.
package struct Stage: Hashable, Sendable {
    /// The `FROM` instruction.
    package var from: FromInstruction
    /// The instructions of the stage, without `FROM`.
    package var instructions: [Instruction]

    /// The name after `AS`, lower-cased, or nil.
    package var name: String? { from.stageName }
    /// The image, stage or `scratch`, unexpanded.
    package var baseName: String { from.baseName }
    /// The value of `--platform`, unexpanded, or nil.
    package var platform: String? { from.platform }
    /// The lines of the `FROM` instruction.
    package var range: SourceRange { from.origin.range }
    /// The description from a `# <name> <description>` comment above the `FROM`, or nil.
    package var description: String? { name.flatMap { from.origin.description(of: $0) } }
}

/// The character that continues lines and escapes in words, set by the `escape` directive.
package enum EscapeCharacter: UInt8, Hashable, Sendable {
    case backslash = 0x5C
    case backtick = 0x60
}

/// The parser directives of a Dockerfile (spec 1.2).
package struct Directives: Hashable, Sendable {
    /// The `escape` directive, a backslash where there is none.
    package var escape: EscapeCharacter = .backslash
    /// The `syntax` directive, or nil.
    package var syntax: SyntaxDirective?
    /// The `check` directive, or nil; the build argument `BUILDKIT_DOCKERFILE_CHECK` replaces it.
    package var check: CheckOptions?
}

/// The frontend that a `syntax` directive asks for.
package struct SyntaxDirective: Hashable, Sendable {
    /// The whole value, handed to a gateway frontend as `cmdline`.
    package let commandLine: String
    /// The lines of the directive.
    package let range: SourceRange

    /// The image reference: the value up to the first space.
    package var reference: String {
        String(commandLine.split(separator: " ", maxSplits: 1).first ?? "")
    }
}
