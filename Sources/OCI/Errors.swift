/// An error that knows what its reader may do about it.
package protocol HintedError: Error {
    /// A sentence without its end: lower case, no full stop; nil where nothing is known.
    var hint: String? { get }
    /// The text of the Dockerfile that is at fault, as written there; nil where it is not known.
    var culprit: String? { get }
}

extension HintedError {
    package var culprit: String? { nil }
}

/// Why a text is not a digest.
package enum DigestError: Error, Hashable, CustomStringConvertible {
    case invalidFormat(String)
    case unsupportedAlgorithm(String)
    case invalidLength(String)

    package var description: String {
        switch self {
        case .invalidFormat(let text): "invalid digest `\(text)`: invalid checksum digest format"
        case .unsupportedAlgorithm(let text): "invalid digest `\(text)`: unsupported digest algorithm"
        case .invalidLength(let text): "invalid digest `\(text)`: invalid checksum digest length"
        }
    }
}

/// Why a text is not an image reference.
package enum ReferenceError: Error, Hashable, CustomStringConvertible {
    case invalidFormat
    case empty
    case uppercase(repository: String)
    case identifier(String)
    case nameTooLong
    case digest(DigestError)

    package var description: String {
        switch self {
        case .invalidFormat: "invalid reference format"
        case .empty: "invalid reference format: repository name must have at least one component"
        case .uppercase(let repository):
            "invalid reference format: repository name (\(repository)) must be lowercase"
        case .identifier(let text):
            "invalid repository name (\(text)), cannot specify 64-byte hexadecimal strings"
        case .nameTooLong: "invalid reference format: repository name must not be more than 255 characters"
        case .digest(let error): "invalid reference format: \(error)"
        }
    }
}

/// Why a text is not a platform.
package enum PlatformError: Error, Hashable, CustomStringConvertible {
    case invalidComponent(String, component: String)
    case invalidFormat(String)
    case unknown(String)

    package var description: String {
        switch self {
        case .invalidComponent(let text, let component):
            "invalid platform `\(text)`: invalid component `\(component)`"
        case .invalidFormat(let text): "invalid platform `\(text)`: more than three components"
        case .unknown(let text): "invalid platform `\(text)`: unknown operating system or architecture"
        }
    }
}

/// Why bytes are not the JSON document that was expected.
package enum DocumentError: Error, Hashable, CustomStringConvertible {
    case malformed(kind: String, reason: String)
    case schema1
    case ambiguous(kind: String, field: String)

    package var description: String {
        switch self {
        case .malformed(let kind, let reason): "cannot read \(kind): \(reason)"
        case .schema1: "cannot read manifest: schema version 1 is not supported"
        case .ambiguous(let kind, let field): "cannot read \(kind): unexpected field `\(field)`"
        }
    }
}

/// Why a text is not a time.
package struct TimestampError: Error, Hashable, CustomStringConvertible {
    /// The text as it was given.
    package let text: String

    package var description: String { "invalid time `\(text)`: not in RFC 3339 form" }
}
