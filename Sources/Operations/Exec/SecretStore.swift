import Glibc
import LinuxSystem
import Synchronization

/// Gives the values of secrets to the steps that ask for them.
///
/// A value is read anew for each use, and is kept only in memory, to be taken out of what is kept of the build.
package struct SecretStore: Sendable {
    /// Where a secret's value is.
    package enum Source: Hashable, Sendable {
        case file(Path)
        case environment(String)
    }

    /// As BuildKit's limit, in bytes.
    private static let limit = 500 << 10

    private let sources: [String: Source]
    /// What was given away.
    package let given = GivenSecrets()

    /// The secrets known to a build, by id.
    package init(_ sources: [String: Source]) {
        self.sources = sources
    }

    /// The value of the secret `id`; nil where the build has none of that name.
    ///
    /// An unset environment variable is an empty secret (spec/02 §2.4).
    func value(_ id: String) throws -> [UInt8]? {
        let value = try read(id)
        if let value { given.add(value) }
        return value
    }

    private func read(_ id: String) throws -> [UInt8]? {
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

/// The secrets that were handed to steps and sources of a build.
package final class GivenSecrets: Sendable {
    // A set would cost each build the search for its elements' conformances.
    private let values = Mutex<[[UInt8]]>([])

    /// The values as text.
    package var texts: [String] { values.withLock { $0.map { String(decoding: $0, as: UTF8.self) } } }

    fileprivate func add(_ value: [UInt8]) {
        values.withLock { values in
            if !values.contains(value) { values.append(value) }
        }
    }
}
