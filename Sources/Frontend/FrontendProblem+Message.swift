import DockerfileParser

extension FrontendProblem {
    /// The text shown to the user.
    package var message: String {
        switch self {
        case .syntax(let error): error.description
        case .blankBaseName(let expression): "base name (\(expression)) should not be blank"
        case .invalidBaseName(let name, let reason): "failed to parse stage name \(name.goQuoted): \(reason)"
        case .blankPlatform(let expression): "empty platform value from expression \(expression)"
        case .invalidPlatform(let text, let reason): "failed to parse platform \(text): \(reason)"
        case .unresolvedImage(let name, let reference, let reason, _):
            "\(name): failed to resolve source metadata for \(reference): \(reason)"
        case .unknownTarget(let name, let suggestion):
            "target stage \(name.goQuoted) could not be found"
                + (suggestion.map { " (did you mean \($0)?)" } ?? "")
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
        case .urlInCopy: "source can't be a URL for COPY"
        case .gitInCopy: "source can't be a git ref for COPY"
        case .gitReference(let error): error.description
        case .octalMode(let text):
            "invalid chmod parameter: '\(text)'. it should be octal string and between 0 and 07777"
        case .symbolicMode(let text): "invalid chmod parameter: '\(text)': invalid syntax"
        case .accountWithLink(let name): "invalid user index: -1: `\(name)` cannot be looked up with `--link`"
        case .checksumOfSeveral: "checksum can't be specified for multiple sources"
        case .checksumOfPath: "checksum requires HTTP(S) or Git sources"
        case .invalidChecksum(let text): "invalid checksum digest format: `\(text)`"
        case .checksumConflict: "checksum mismatch"
        case .keepGitDirectoryConflict: "inconsistent keep-git-dir configuration"
        case .noArguments: "arguments are required"
        case .invalidMountTarget(let target): "invalid mount target \(target.goQuoted)"
        case .invalidMount(let reason): "invalid mount: \(reason)"
        case .sourceOfAgent: "ssh does not support source"
        case .notAllowed(let entitlement): "\(entitlement.rawValue) is not allowed"
        case .emptyVolume: "VOLUME specified can not be an empty string"
        case .invalidBoolean(let argument, let value): "invalid boolean value for \(argument): `\(value)`"
        case .noPlatforms: "no platform to build for"
        case .conflictingMultiPlatform:
            "conflicting config: returning multiple target platforms is not allowed"
        case .invalidSourceDateEpoch(let text): "invalid SOURCE_DATE_EPOCH: `\(text)`"
        case .epochStage(let reason): "SOURCE_DATE_EPOCH stage \(reason)"
        case .foreignFrontend(let image):
            "frontend image `\(image)` is not supported, only the built-in Dockerfile frontend (`docker/dockerfile`)"
        case .removedArgument(let name): "\(name) is no longer supported"
        case .lintViolations(let rules): "lint violation found for rules: \(rules.joined(separator: ", "))"
        }
    }

    /// The text of the Dockerfile that is at fault, as written where nothing was expanded; nil where it is not known.
    package var culprit: String? {
        switch self {
        case .syntax(let error): error.culprit
        case .blankBaseName(let text), .invalidBaseName(let text, _), .blankPlatform(let text),
            .invalidPlatform(let text, _), .unresolvedImage(let text, _, _, _), .circularDependency(let text),
            .foreignFrontend(let text), .copyFromLaterStage(let text, _), .mountFromLaterStage(let text, _),
            .octalMode(let text), .symbolicMode(let text), .accountWithLink(let text), .invalidChecksum(let text),
            .invalidMountTarget(let text):
            text
        case .keepGitDirectoryConflict: "--keep-git-dir"
        case .checksumOfSeveral, .checksumOfPath, .checksumConflict: "--checksum"
        default: nil
        }
    }

    /// What the user may try, or nil.
    package var hint: String? {
        switch self {
        case .unresolvedImage(_, _, _, let hint): hint
        case .accountWithLink: "use a numeric id, or leave `--link` out"
        case .notAllowed(let entitlement): "allow it with `--allow \(entitlement.rawValue)`"
        case .blankBaseName: "give the argument a default value, or pass it with `--build-arg`"
        case .removedArgument(let name): "leave `--build-arg \(name)` out"
        case .invalidSourceDateEpoch:
            "use seconds since 1970, `context`, or the name of a Git or HTTP context or of a stage with one remote ADD"
        case .foreignFrontend:
            "pass `--build-arg BUILDKIT_SYNTAX=docker/dockerfile` if the file is an ordinary Dockerfile"
        default: nil
        }
    }
}
