import OCI

/// What can be wrong with the value of an option, before anything is built.
package enum OptionError: HintedError, Hashable {
    case malformedFields(String)
    case missingType(String)
    case unknownOutputType(String)
    case unknownOutputKey(type: String, key: String)
    case missingDestination(type: String)
    case localToStandardOutput
    case destinationIsFile(String)
    case destinationIsDirectory(String)
    case standardOutputIsTerminal(type: String)
    case severalStandardOutputs
    case notABoolean(key: String, value: String)
    case invalidLevel(String)
    case unsupportedCompression(String)
    case invalidName(String, reason: String)
    case missingTag
    case missingValue(option: String)
    case expectedPair(option: String, value: String)
    case contextNotFound(String)
    case missingContext
    case ambiguousStandardInput
    case standardInputForBoth
    case conflicting(String)
    case unsupported(option: String, reason: String)
    case invalidValue(option: String, value: String, reason: String)
    case fileUnreadable(String, reason: String)
}

extension OptionError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformedFields(let text): "invalid value `\(text)`: quotes are not balanced"
        case .missingType(let text): "type is required for output `\(text)`"
        case .unknownOutputType(let type): "exporter \"\(type)\" could not be found"
        case .unknownOutputKey(let type, let key): "unknown key `\(key)` for output type `\(type)`"
        case .missingDestination(let type): "dest is required for \(type) exporter"
        case .localToStandardOutput: "dest cannot be stdout for local exporter"
        case .destinationIsFile(let path): "destination directory \(path) is a file"
        case .destinationIsDirectory(let path): "destination file \(path) is a directory"
        case .standardOutputIsTerminal(let type):
            "dest file is required for \(type) exporter. refusing to write to console"
        case .severalStandardOutputs: "multiple outputs configured to write to stdout"
        case .notABoolean(let key, let value): "non-bool value specified for \(key): `\(value)`"
        case .invalidLevel(let value): "invalid compression level `\(value)`"
        case .unsupportedCompression(let value): "unsupported compression type \(value)"
        case .invalidName(let name, let reason): "failed to parse \(name): \(reason)"
        case .missingTag: "tag is needed when pushing to registry"
        case .missingValue(let option): "missing value for `\(option)`"
        case .expectedPair(let option, let value): "invalid value `\(value)` for `\(option)`: expected key=value"
        case .contextNotFound(let path): "unable to prepare context: path \"\(path)\" not found"
        case .missingContext: "please specify build context (e.g. \".\" for the current directory)"
        case .ambiguousStandardInput:
            "ambiguous Dockerfile source: both stdin and flag correspond to Dockerfiles"
        case .standardInputForBoth: "invalid argument: can't use stdin for both build context and dockerfile"
        case .conflicting(let text): text
        case .unsupported(let option, let reason): "`\(option)` is not supported: \(reason)"
        case .invalidValue(let option, let value, let reason): "invalid value `\(value)` for `\(option)`: \(reason)"
        case .fileUnreadable(let path, let reason): "cannot read `\(path)`: \(reason)"
        }
    }

    /// What the user may do about it, where there is something.
    package var hint: String? {
        switch self {
        case .standardOutputIsTerminal: "redirect stdout, or give `dest=FILE`"
        case .unknownOutputType: "types are local, tar, oci, docker, image, registry and cacheonly"
        case .contextNotFound: "give a directory, a Git URL, an http(s) URL, or `-` for stdin"
        case .missingContext: "`swbuild --help` shows the options"
        case .missingTag: "give a name with `-t` or `name=`"
        default: nil
        }
    }
}
