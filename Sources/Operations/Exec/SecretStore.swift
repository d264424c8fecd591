import Glibc
import LinuxSystem

/// Gives the values of secrets to the steps that ask for them.
///
/// A value is read anew for each use and is kept nowhere.
package struct SecretStore: Sendable {
    /// Where a secret's value is.
    package enum Source: Hashable, Sendable {
        case file(Path)
        case environment(String)
    }

    /// As BuildKit's limit, in bytes.
    private static let limit = 500 << 10

    private let sources: [String: Source]

    /// The secrets known to a build, by id.
    package init(_ sources: [String: Source]) {
        self.sources = sources
    }

    /// The value of the secret `id`; nil where the build has none of that name.
    ///
    /// An unset environment variable is an empty secret (spec/02 §2.4).
    func value(_ id: String) throws -> [UInt8]? {
        switch sources[id] {
        case nil: return nil
        case .environment(let name): return Process.variableBytes(name) ?? []
        case .file(let path):
            do throws(SystemError) {
                return try FileDescriptor.open(path).readAll(limit: Self.limit)
            } catch {
                if error.code == EFBIG { throw OperationError.secretTooBig(id) }
                throw OperationError.secretUnreadable(id: id, reason: error.description)
            }
        }
    }
}
