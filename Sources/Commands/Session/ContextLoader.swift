import BuildGraph
import BuildProgress
import DockerfileParser
import Frontend
import Glibc
import LinuxSystem
import OCI
import Operations

/// The Dockerfile, the context and its ignore file, as the frontend wants them.
struct LoadedContext: Sendable {
    var dockerfile: SourceFile
    var main: ContextSource
    /// The directory of a local context.
    var directory: Path?
    var ignorePatterns: [String] = []
}

/// Finds the Dockerfile and the context (spec/02 §2.2, spec/01 §1.5 and §1.12).
struct ContextLoader {
    /// Larger Dockerfiles and ignore files are refused, in bytes.
    private static let limit = 16 << 20

    let request: BuildRequest
    let git: GitContexts?

    /// Loads everything; a Git context is fetched here, since the Dockerfile is in it.
    ///
    /// `loaded` is told of the result while the vertex that loads is still at work.
    func load(
        _ progress: ProgressStream,
        _ loaded: (LoadedContext, VertexProgress) -> Void
    ) async throws -> LoadedContext {
        switch request.context {
        case .directory(let path):
            try await progress.vertex("[internal] load build definition from \(shownName)") { vertex in
                let context = try loadDirectory(path)
                loaded(context, vertex)
                return context
            }
        case .git(let source):
            try await progress.vertex("[internal] load git source \(source.url.withoutURLCredentials)") { vertex in
                let context = try await loadGit(source)
                loaded(context, vertex)
                return context
            }
        case .http:
            throw OptionError.unsupported(option: "context", reason: "contexts over http are not fetched yet")
        case .standardInput:
            try await progress.vertex("[internal] load build definition from \(shownName)") { vertex in
                let context = try loadStandardInput()
                loaded(context, vertex)
                return context
            }
        }
    }

    private var shownName: String {
        if case .path(let path) = request.dockerfile { path } else { "Dockerfile" }
    }

    private func loadDirectory(_ path: String) throws -> LoadedContext {
        guard (try? FileStatus.of(Path(path)))?.kind == .directory else { throw OptionError.contextNotFound(path) }
        var ignored: [String]?
        let dockerfile: SourceFile
        switch request.dockerfile {
        case .standardInput: dockerfile = SourceFile(bytes: try readStandardInput())
        case .inContext:
            let found = try Self.readDockerfile(path + "/Dockerfile", shownAs: "Dockerfile")
            dockerfile = found.file
            ignored = try Self.ignorePatterns(found.path + ".dockerignore")
        case .path(let file):
            let found = try Self.readDockerfile(file, shownAs: file)
            dockerfile = found.file
            ignored = try Self.ignorePatterns(found.path + ".dockerignore")
        }
        for name in [".dockerignore", ".containerignore"] where ignored == nil {
            ignored = try Self.ignorePatterns("\(path)/\(name)")
        }
        return LoadedContext(
            dockerfile: dockerfile,
            main: .local,
            directory: Path(path),
            ignorePatterns: ignored ?? []
        )
    }

    private func loadGit(_ source: GitSource) async throws -> LoadedContext {
        guard let git else { throw OptionError.unsupported(option: "context", reason: "nothing is fetched here") }
        let pinned = try await git.pin(source)
        let tree = try await git.tree(pinned)
        var path = "Dockerfile"
        switch request.dockerfile {
        case .inContext: break
        case .path(let file) where file.hasPrefix("/"):
            let found = try Self.readDockerfile(file, shownAs: file)
            return LoadedContext(dockerfile: found.file, main: .git(pinned))
        case .path(let file): path = file
        case .standardInput:
            return LoadedContext(dockerfile: SourceFile(bytes: try readStandardInput()), main: .git(pinned))
        }
        let bytes = try Self.readDockerfile(path, in: tree.root)
        return LoadedContext(dockerfile: SourceFile(name: path, bytes: bytes), main: .git(pinned))
    }

    private func loadStandardInput() throws -> LoadedContext {
        let bytes = try readStandardInput()
        if Self.isArchive(bytes) {
            throw OptionError.unsupported(option: "-", reason: "a context archive on standard input is not read yet")
        }
        return LoadedContext(dockerfile: SourceFile(bytes: bytes), main: .empty)
    }

    private func readStandardInput() throws -> [UInt8] {
        do throws(SystemError) {
            return try StandardStream.input.duplicate().readAll(limit: Self.limit)
        } catch {
            throw OptionError.fileUnreadable("-", reason: SystemError.reason(error.code))
        }
    }

    /// Reads a Dockerfile of this machine; `dockerfile` stands in for a missing `Dockerfile`.
    private static func readDockerfile(_ path: String, shownAs name: String) throws -> (file: SourceFile, path: String)
    {
        do throws(SystemError) {
            return (SourceFile(name: name, bytes: try read(path)), path)
        } catch {
            let lower = path.dropLast("Dockerfile".count) + "dockerfile"
            if error.code == ENOENT, path == "Dockerfile" || path.hasSuffix("/Dockerfile"),
                let bytes = try? read(String(lower))
            {
                return (SourceFile(name: name, bytes: bytes), String(lower))
            }
            throw DockerfileNotFound(name: name, reason: SystemError.reason(error.code))
        }
    }

    /// Reads a Dockerfile inside a tree; a link that leads out of it is not followed.
    private static func readDockerfile(_ path: String, in root: borrowing Directory) throws -> [UInt8] {
        do throws(SystemError) {
            return try root.readFile(Path(path), limit: limit)
        } catch {
            if error.code == ENOENT, path == "Dockerfile", let bytes = try? root.readFile("dockerfile", limit: limit) {
                return bytes
            }
            throw DockerfileNotFound(name: path, reason: SystemError.reason(error.code))
        }
    }

    private static func read(_ path: String) throws(SystemError) -> [UInt8] {
        let file = try FileDescriptor.open(Path(path), [.readOnly])
        if try file.status().kind == .directory { throw SystemError("read", Path(path), code: EISDIR) }
        return try file.readAll(limit: limit)
    }

    /// The patterns of an ignore file; nil where there is none.
    ///
    /// An empty one is one.
    static func ignorePatterns(_ path: String) throws -> [String]? {
        do throws(SystemError) {
            return IgnorePatterns.patterns(inFile: try read(path))
        } catch {
            if error.isNotFound { return nil }
            throw OptionError.fileUnreadable(path, reason: SystemError.reason(error.code))
        }
    }

    /// Whether bytes begin as a tar archive, compressed or not.
    private static func isArchive(_ bytes: [UInt8]) -> Bool {
        let magics: [[UInt8]] = [[0x1F, 0x8B], Array("BZh".utf8), [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]]
        if magics.contains(where: bytes.starts) { return true }
        return bytes.count >= 512 && bytes[257..<262].elementsEqual("ustar".utf8)
    }
}

/// There is no Dockerfile to read.
struct DockerfileNotFound: HintedError, CustomStringConvertible {
    let name: String
    let reason: String

    var description: String { "failed to read dockerfile: open \(name): \(reason)" }
    var hint: String? { "name the Dockerfile with `-f`, relative to the current directory" }
}
