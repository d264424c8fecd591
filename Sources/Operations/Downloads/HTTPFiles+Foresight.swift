import BuildGraph
import Registry
import Storage

// What a build would get, without getting it.
extension HTTPFiles {
    /// What is known of a file that is not fetched.
    package enum Foresight: Hashable, Sendable {
        /// It is the version that was fetched last: all that counts for a cache key and that the source does not say.
        case known(pin: String)
        /// The server has another version.
        case changed
        /// Only a download can tell; why the server was asked in vain, if it was.
        case unknown(failure: String?)
    }

    /// What a build would find behind a source now.
    ///
    /// No file is sent and nothing is recorded. The server is asked where it once gave a version something to be
    /// recognised by.
    package func foresee(_ source: HTTPSource) async throws -> Foresight {
        if let file = remembered(source) { return .known(pin: file.pin) }
        guard let record = try cache.database.download(Self.recordKey(source)) else { return .unknown(failure: nil) }
        let isCurrent: Bool?
        do {
            isCurrent = try await client.isCurrent(try request(source, known: record))
        } catch let error as FileError {
            return .unknown(failure: "\(error)")
        }
        switch isCurrent {
        case true?:
            let name = Self.name(of: source, suggested: record.suggestedName)
            return .known(pin: Self.pin(record.digest, modified: record.modified, name))
        case false?: return .changed
        case nil: return .unknown(failure: nil)
        }
    }
}
