import BuildGraph
import DockerfileParser

/// Why a Dockerfile cannot be lowered, and where.
package struct FrontendError: Error, Hashable, Sendable, CustomStringConvertible {
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
}

/// What can be wrong with a Dockerfile that parses, or with what was asked of it.
package enum FrontendProblem: Hashable, Sendable {
    case syntax(ParseError)
    // Stages and their bases
    case blankBaseName(expression: String)
    case invalidBaseName(name: String, reason: String)
    case blankPlatform(expression: String)
    case invalidPlatform(text: String, reason: String)
    case unresolvedImage(name: String, reference: String, reason: String)
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
    case invalidURL(String)
    case octalMode(String)
    case symbolicMode(String)
    case accountWithLink(name: String)
    case checksumOfSeveral
    case checksumOfPath
    case invalidChecksum(String)
    case checksumConflict
    case keepGitDirectoryConflict
    // RUN
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
    case removedArgument(String)
    case lintViolations([String])
}

extension FrontendProblem {
    /// The text shown to the user.
    package var message: String {
        stageMessage ?? copyMessage ?? otherMessage
    }

    /// What the user may try, or nil.
    package var hint: String? {
        switch self {
        case .unresolvedImage: "check the spelling of the image, and that you are logged in to its registry"
        case .accountWithLink: "use a numeric id, or leave `--link` out"
        case .notAllowed(let entitlement): "allow it with `--allow \(entitlement.rawValue)`"
        case .blankBaseName: "give the argument a default value, or pass it with `--build-arg`"
        default: nil
        }
    }

    private var stageMessage: String? {
        switch self {
        case .syntax(let error): error.description
        case .blankBaseName(let expression): "base name (\(expression)) should not be blank"
        case .invalidBaseName(let name, let reason): "failed to parse stage name \(name.goQuoted): \(reason)"
        case .blankPlatform(let expression): "empty platform value from expression \(expression)"
        case .invalidPlatform(let text, let reason): "failed to parse platform \(text): \(reason)"
        case .unresolvedImage(let name, let reference, let reason):
            "\(name): failed to resolve source metadata for \(reference): \(reason)"
        case .unknownTarget(let name, let suggestion):
            "target stage \(name.goQuoted) could not be found" + Self.suggestionText(suggestion)
        case .circularDependency(let stage): "circular dependency detected on stage: \(stage)"
        case .invalidStageIndex(let index): "invalid stage index \(index)"
        case .copyFromLaterStage(let from, let stage):
            "cannot copy from stage \(from.goQuoted), "
                + "it needs to be defined before current stage \(stage.goQuoted)"
        case .mountFromLaterStage(let from, let target):
            "cannot mount from stage \(from.goQuoted) to \(target.goQuoted), "
                + "stage needs to be defined before current command"
        case .variableInFrom:
            "variable expansion is not supported for --from, "
                + "define a new stage with FROM using ARG from global scope as a workaround"
        default: nil
        }
    }

    private var copyMessage: String? {
        switch self {
        case .urlInCopy: "source can't be a URL for COPY"
        case .gitInCopy: "source can't be a git ref for COPY"
        case .gitReference(let error): error.description
        case .invalidURL(let text): "invalid URL `\(text)`"
        case .octalMode(let text):
            "invalid chmod parameter: '\(text)'. it should be octal string and between 0 and 07777"
        case .symbolicMode(let text): "invalid chmod parameter: '\(text)': invalid syntax"
        case .accountWithLink(let name): "invalid user index: -1: `\(name)` cannot be looked up with `--link`"
        case .checksumOfSeveral: "checksum can't be specified for multiple sources"
        case .checksumOfPath: "checksum requires HTTP(S) or Git sources"
        case .invalidChecksum(let text): "invalid checksum digest format: `\(text)`"
        case .checksumConflict: "checksum mismatch"
        case .keepGitDirectoryConflict: "inconsistent keep-git-dir configuration"
        default: nil
        }
    }

    private var otherMessage: String {
        switch self {
        case .invalidMountTarget(let target): "invalid mount target \(target.goQuoted)"
        case .sourceOfAgent: "ssh does not support source"
        case .invalidMount(let reason): "invalid mount: \(reason)"
        case .notAllowed(let entitlement): "\(entitlement.rawValue) is not allowed"
        case .emptyVolume: "VOLUME specified can not be an empty string"
        case .invalidBoolean(let argument, let value): "invalid boolean value for \(argument): `\(value)`"
        case .noPlatforms: "no platform to build for"
        case .conflictingMultiPlatform:
            "conflicting config: returning multiple target platforms is not allowed"
        case .invalidSourceDateEpoch(let text): "invalid SOURCE_DATE_EPOCH: `\(text)`"
        case .removedArgument(let name): "\(name) is no longer supported"
        case .lintViolations(let rules): "lint violation found for rules: \(rules.joined(separator: ", "))"
        default: "invalid Dockerfile"
        }
    }

    private static func suggestionText(_ suggestion: String?) -> String {
        suggestion.map { " (did you mean \($0)?)" } ?? ""
    }
}
