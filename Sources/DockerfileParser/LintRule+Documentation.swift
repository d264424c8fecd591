extension LintRule {
    /// Whether the rule is off unless `check=experimental=…` asks for it.
    package var isExperimental: Bool { self == .invalidDefinitionDescription }

    /// The page that explains the rule, or nil where there is none.
    package var url: String? {
        guard self != .invalidBaseImagePlatform else { return nil }
        return "https://docs.docker.com/go/dockerfile/rule/\(kebabName)/"
    }

    /// The rule's name in lower case with dashes between words.
    private var kebabName: String {
        let bytes = Array(rawValue.utf8)
        let isUpper = { (byte: UInt8) in byte >= 0x41 && byte <= 0x5A }
        var result: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            let afterLower = index > 0 && !isUpper(bytes[index - 1])
            let beforeLower = index + 1 < bytes.count && !isUpper(bytes[index + 1])
            if index > 0 && isUpper(byte) && (afterLower || beforeLower) { result.append(ASCII.dash) }
            result.append(isUpper(byte) ? byte | 0x20 : byte)
        }
        return result.text
    }

    /// What the rule demands, in one sentence.
    package var description: String {
        switch self {
        case .stageNameCasing: "Stage names should be lowercase"
        case .fromAsCasing: "The 'as' keyword should match the case of the 'from' keyword"
        case .noEmptyContinuation: "Empty continuation lines will become errors in a future release"
        case .consistentInstructionCasing:
            "All commands within the Dockerfile should use the same casing (either upper or lower)"
        case .duplicateStageName: "Stage names should be unique"
        case .reservedStageName: "Reserved words should not be used as stage names"
        case .jsonArgsRecommended:
            "JSON arguments recommended for ENTRYPOINT/CMD to prevent unintended behavior related to OS signals"
        case .maintainerDeprecated:
            "The MAINTAINER instruction is deprecated, use a label instead to define an image author"
        case .undefinedArgInFrom: "FROM command must use declared ARGs"
        case .workdirRelativePath:
            "Relative workdir without an absolute workdir declared within the build can have unexpected results if "
                + "the base image changes"
        case .undefinedVar: "Variables should be defined before their use"
        case .multipleInstructionsDisallowed:
            "Multiple instructions of the same type should not be used in the same stage"
        case .legacyKeyValueFormat: "Legacy key/value format with whitespace separator should not be used"
        case .invalidBaseImagePlatform: "Base image platform does not match expected target platform"
        case .redundantTargetPlatform:
            "Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior"
        case .secretsUsedInArgOrEnv: "Sensitive data should not be used in the ARG or ENV commands"
        case .invalidDefaultArgInFrom:
            "Default value for global ARG results in an empty or invalid base image name"
        case .fromPlatformFlagConstDisallowed: "FROM --platform flag should not use a constant value"
        case .copyIgnoredFile: "Attempting to Copy file that is excluded by .dockerignore"
        case .invalidDefinitionDescription:
            "Comment for build stage or argument should follow the format: `# <arg/stage name> <description>`. If "
                + "this is not intended to be a description comment, add an empty line or comment between the "
                + "instruction and the comment."
        case .exposeProtoCasing: "Protocol in EXPOSE instruction should be lowercase"
        case .exposeInvalidFormat:
            "IP address and host-port mapping should not be used in EXPOSE instruction. This will become an error in "
                + "a future release"
        }
    }
}
