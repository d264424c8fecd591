import BuildGraph
import Frontend

/// Where the build context comes from, by its text alone (spec/02 §2.2, spec/03 §3.3).
package enum ContextLocation: Hashable, Sendable {
    /// A directory of this machine.
    case directory(String)
    /// A Git repository.
    case git(GitSource)
    /// A file over http(s): an archive, or a Dockerfile.
    case http(String)
    /// An archive, or a Dockerfile, on standard input.
    case standardInput

    /// Whether it must be fetched first.
    var isRemote: Bool {
        switch self {
        case .git, .http: true
        case .directory, .standardInput: false
        }
    }

    /// Understands the positional argument; whether a directory exists is not looked at.
    package init(parsing text: String) throws(OptionError) {
        if text.isEmpty { throw .contextNotFound(text) }
        if text == "-" {
            self = .standardInput
            return
        }
        do throws(GitReferenceError) {
            if let reference = try GitReference.parse(text) {
                self = .git(reference.source)
                return
            }
        } catch {
            throw .invalidValue(option: "context", value: text, reason: "\(error)")
        }
        let isURL = text.hasPrefix("http://") || text.hasPrefix("https://")
        self = isURL ? .http(text) : .directory(text)
    }
}
