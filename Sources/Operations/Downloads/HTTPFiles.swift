import BuildGraph
import BuildProgress
import LinuxSystem
import OCI
import Registry
import Storage
import Synchronization

/// Files that are fetched over HTTP, as snapshots that hold one file each (spec/03 §3.4).
///
/// A build asks a server once for each file; a version that is there already is not sent again.
package final class HTTPFiles: Sendable {
    /// A file that is there.
    package struct File: Hashable, Sendable {
        /// The file alone, in an otherwise empty root.
        package let snapshot: Snapshot
        package let name: Path
        /// Of the bytes.
        package let digest: Digest
        /// Seconds since 1970; 0 where the server did not say.
        package let modified: Int64

        /// All that counts for a cache key and that the source does not say itself.
        var pin: String { HTTPFiles.pin(digest, modified: modified, name) }
    }

    let cache: CacheDirectory
    let client: FileClient
    private let secrets: SecretStore
    private let scope: String
    private let found = Mutex<[HTTPSource: File]>([:])

    /// Files kept in `cache`.
    init(cache: CacheDirectory, client: FileClient, secrets: SecretStore, scope: String) {
        self.cache = cache
        self.client = client
        self.secrets = secrets
        self.scope = scope
    }

    /// The file behind a source, as it is now; with a checksum that is known here already no server is asked.
    package func file(_ source: HTTPSource, _ progress: VertexProgress) async throws -> File {
        let key = Self.recordKey(source)
        return try await cache.locks.withKey("http \(key)") {
            if let file = remembered(source) { return file }
            let record = try cache.database.download(key)
            let known = try record.flatMap { try file($0, of: source) }
            if let known, known.digest == source.checksum { return remember(known, source) }
            let request = try request(source, known: known == nil ? nil : record)
            return remember(try await fetch(request, source, known, key, progress), source)
        }
    }

    static func pin(_ digest: Digest, modified: Int64, _ name: Path) -> String { "\(digest) \(modified) \(name)" }

    /// The file's bytes, open for reading.
    package func open(_ file: File) throws -> FileDescriptor {
        try cache.snapshots.mountReadOnly(file.snapshot).root.openFile(file.name, .readOnly, .noSymlinks)
    }

    func remember(_ file: File, _ source: HTTPSource) -> File {
        found.withLock { found in
            found[source] = file
            var pinned = source
            pinned.checksum = file.digest
            found[pinned] = file
        }
        return file
    }

    /// The version that this program has, if it came by it since it began.
    func remembered(_ source: HTTPSource) -> File? { found.withLock { $0[source] } }

    func request(_ source: HTTPSource, known: DownloadRecord?) throws -> FileRequest {
        var request = FileRequest(url: source.url, name: source.url.withoutURLCredentials)
        request.headers = source.headers
        request.authorization = try HTTPAuthorization(source).value(in: secrets)
        if let known, known.entityTag != nil || known.lastModified != nil {
            request.known = FileValidators(entityTag: known.entityTag, lastModified: known.lastModified)
        }
        return request
    }
}

// Fetching.
extension HTTPFiles {
    /// How often a broken transfer is begun anew, at most.
    private static let tries = 3

    private func fetch(
        _ request: FileRequest,
        _ source: HTTPSource,
        _ known: File?,
        _ key: Digest,
        _ progress: VertexProgress
    ) async throws -> File {
        var attempt = 1
        while true {
            do {
                switch try await client.get(request) {
                case .unchanged:
                    if let known { return known }
                    throw FileError.invalidResponse(request.name, reason: "there is no version that is unchanged")
                case .content(let content): return try await save(content, source, key, progress)
                }
            } catch let error as FileError where error.isTransient && attempt < Self.tries {
                attempt += 1
                try await Task.sleep(for: .milliseconds(500 * (attempt - 1)))
            }
        }
    }

    private func save(
        _ content: FileContent,
        _ source: HTTPSource,
        _ recordKey: Digest,
        _ progress: VertexProgress
    ) async throws -> File {
        progress.start()
        let active = try cache.snapshots.prepare(parent: .empty)
        let name = Self.name(of: source, suggested: content.suggestedName)
        let file = try Self.create(name, in: active.upper)
        let digest = try await write(content, to: file, source, progress.status("\(name)", total: content.size ?? 0))
        if let checksum = source.checksum, checksum != digest {
            throw OperationError.digestMismatch(expected: checksum.description, actual: digest.description)
        }
        let modified = content.modified ?? 0
        try setAttributes(file, of: source, modified: modified)
        let key = snapshotKey(digest, source, name, modified: modified)
        let url = source.url.withoutURLCredentials
        let snapshot = try cache.snapshots.commit(active, key: key, description: "http \(url)")
        let record = DownloadRecord(
            digest: digest,
            entityTag: content.validators.entityTag,
            lastModified: content.validators.lastModified,
            modified: modified,
            suggestedName: content.suggestedName
        )
        try cache.database.setDownload(record, source: recordKey)
        return File(snapshot: snapshot, name: name, digest: digest, modified: modified)
    }

    /// Writes the bytes as they come and gives their digest, of the algorithm that the checksum has.
    private func write(
        _ content: FileContent,
        to file: borrowing FileDescriptor,
        _ source: HTTPSource,
        _ status: StatusProgress
    ) async throws -> Digest {
        var hasher = DigestHasher(source.checksum?.algorithm ?? .sha256)
        var count: Int64 = 0
        try await content.read { chunk in
            try chunk.withUnsafeBytes { bytes in
                try file.writeAll(bytes)
                hasher.update(bytes)
            }
            count += Int64(chunk.count)
            status.update(count)
        }
        status.complete(count)
        return hasher.finalize()
    }
}

// Snapshots.
extension HTTPFiles {
    /// The file of an earlier build; nil where its snapshot is gone.
    private func file(_ record: DownloadRecord, of source: HTTPSource) throws -> File? {
        let name = Self.name(of: source, suggested: record.suggestedName)
        let key = snapshotKey(record.digest, source, name, modified: record.modified)
        guard let layer = try cache.snapshots.find(key: key) else { return nil }
        let snapshot = Snapshot(layers: [layer])
        cache.snapshots.use(snapshot)
        return File(snapshot: snapshot, name: name, digest: record.digest, modified: record.modified)
    }

    func snapshotKey(_ digest: Digest, _ source: HTTPSource, _ name: Path, modified: Int64) -> String {
        let permissions = source.permissions.map { "\($0)" } ?? ""
        let fields = [
            "http", scope, digest.description, name.string, permissions, "\(source.uid):\(source.gid)", "\(modified)",
        ]
        return fields.joined(separator: "\n")
    }

    /// What a download is recorded under: all that the answer depends on, and the algorithm of its digest.
    static func recordKey(_ source: HTTPSource) -> Digest {
        let headers = source.headers.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        let algorithm = source.checksum?.algorithm ?? .sha256
        let fields = [source.url.withoutURLCredentials, algorithm.rawValue, source.authHeaderSecret ?? ""] + headers
        return Digest.sha256(of: fields.joined(separator: "\n"))
    }

    static func create(_ name: Path, in directory: borrowing Directory) throws -> FileDescriptor {
        try directory.openFile(name, [.readWrite, .create, .exclusive, .noFollow], mode: 0o600, .noSymlinks)
    }

    func setAttributes(
        _ file: borrowing FileDescriptor,
        of source: HTTPSource,
        modified: Int64
    ) throws {
        if (source.uid, source.gid) != (0, 0) { try file.setOwner(uid: source.uid, gid: source.gid) }
        try file.setPermissions(source.permissions ?? 0o600)
        try file.setTimes(modified: FileTime(seconds: modified))
    }

    /// The name that the source asks for, else the server's, else the last of the URL's path; `download` where that is
    /// no name of a file.
    static func name(of source: HTTPSource, suggested: String?) -> Path {
        let path = source.url.prefix { $0 != "?" && $0 != "#" }.split(separator: "/", omittingEmptySubsequences: false)
        let fromURL = path.count > 3 ? path.last.map(String.init) : nil
        let candidates = [source.filename, suggested, fromURL].compactMap(\.self).filter { !$0.isEmpty }
        guard let base = candidates.first?.split(separator: "/").last.map(String.init), base != ".", base != "..",
            base.utf8.count <= 255, base.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else { return "download" }
        return Path(base)
    }
}
