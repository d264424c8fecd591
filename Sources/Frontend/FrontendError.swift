import BuildGraph
import DockerfileParser
import OCI

/// Why a Dockerfile cannot be lowered, and where.
package struct FrontendError: HintedError, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    package let problem: FrontendProblem
    /// The lines concerned, the most telling first; empty where no line is to blame.
    package let locations: [SourceLocation]

    init(_ problem: FrontendProblem, at locations: [SourceLocation]) {
        self.problem = problem
        self.locations = locations
    }

    /// The message, without location.
    package var description: String { problem.message }

    /// What the user may try, or nil.
    package var hint: String? { problem.hint }

    package var culprit: String? { problem.culprit }
}

/// What can be wrong with a Dockerfile that parses, or with what was asked of it.
package enum FrontendProblem: Hashable, Sendable {
    case syntax(ParseError)
    // Stages and their bases
    case blankBaseName(expression: String)
    case invalidBaseName(name: String, reason: String)
    case blankPlatform(expression: String)
    case invalidPlatform(text: String, reason: String)
    case unresolvedImage(name: String, reference: String, reason: String, hint: String?)
    case unknownTarget(name: String, suggestion: String?)
    case circularDependency(stage: String)
    case invalidStageIndex(Int)
    case copyFromLaterStage(from: String, stage: String)
    case mountFromLaterStage(from: String, target: String)
    case variableInFrom
    // COPY and ADD
    case urlInCopy
    case gitInCopy
    case gitReference(GitReferenceError)
    case octalMode(String)
    case symbolicMode(String)
    case accountWithLink(name: String)
    case checksumOfSeveral
    case checksumOfPath
    case invalidChecksum(String)
    case checksumConflict
    case keepGitDirectoryConflict
    // RUN
    case noArguments
    case invalidMountTarget(String)
    case invalidMount(reason: String)
    case sourceOfAgent
    case notAllowed(Entitlement)
    // Other instructions
    case emptyVolume
    case invalidBoolean(argument: String, value: String)
    // The build as a whole
    case noPlatforms
    case conflictingMultiPlatform
    case invalidSourceDateEpoch(String)
    case epochStage(String)
    case foreignFrontend(String)
    case removedArgument(String)
    case lintViolations([String])
}
