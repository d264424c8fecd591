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

    /// What contexts and Dockerfiles that are elsewhere are fetched with.
    struct Fetcher {
        let context: OperationContext
        let archives: ArchiveSolver
    }

    let request: BuildRequest
    /// Nil where nothing is fetched and nothing kept: then the Dockerfile must be a file here, or text on stdin.
    let fetcher: Fetcher?

    /// Loads everything; what is elsewhere is fetched here, since the Dockerfile may be in it.
    ///
    /// `loaded` is told of the result while the vertex that loads is still at work.
    func load(
        _ progress: ProgressStream,
        _ loaded: (LoadedContext, VertexProgress) -> Void
    ) async throws -> LoadedContext {
        let source = try await source(progress)
        return try await progress.vertex(source.title ?? "[internal] load build definition from \(shownName)") {
            vertex in
            let context = try await load(source, vertex)
            loaded(context, vertex)
            return context
        }
    }

    /// Where the Dockerfile comes from, with what had to be fetched to know it.
    private enum Source {
        case directory(String)
        case git(GitSource)
        case archive(HTTPSource, SourceTree)
        case text(SourceFile)

        /// The vertex that loads it; nil for the usual one.
        var title: String? {
            if case .git(let source) = self {
                "[internal] load git source \(source.url.withoutURLCredentials)"
            } else {
                nil
            }
        }
    }

    private func source(_ progress: ProgressStream) async throws -> Source {
        switch request.context {
        case .directory(let path): .directory(path)
        case .git(let source): .git(source)
        case .http(let url): try await source(in: HTTPSource(url: url), try required())
        case .standardInput: try await standardInput(progress)
        }
    }

    private func required() throws(OptionError) -> Fetcher {
        guard let fetcher else { throw .unsupported(option: "context", reason: "nothing is fetched here") }
        return fetcher
    }

    private func load(_ source: Source, _ progress: VertexProgress) async throws -> LoadedContext {
        switch source {
        case .directory(let path): return try await loadDirectory(path, progress)
        case .git(let source): return try await loadGit(source, progress)
        case .archive(let source, let tree):
            return LoadedContext(dockerfile: try await dockerfile(in: tree, progress), main: .archive(source))
        case .text(let file): return LoadedContext(dockerfile: file, main: .empty)
        }
    }

    private var shownName: String {
        switch request.dockerfile {
        case .path(let path): path
        case .url(let url): url.withoutURLCredentials
        case .inContext, .standardInput: "Dockerfile"
        }
    }

    private func loadDirectory(_ path: String, _ progress: VertexProgress) async throws -> LoadedContext {
        guard (try? FileStatus.of(Path(path)))?.kind == .directory else { throw OptionError.contextNotFound(path) }
        var ignored: [String]?
        let dockerfile: SourceFile
        switch request.dockerfile {
        case .standardInput: dockerfile = SourceFile(bytes: try await readStandardInput())
        case .url(let url): dockerfile = try await fetchDockerfile(url, progress)
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

    private func loadGit(_ source: GitSource, _ progress: VertexProgress) async throws -> LoadedContext {
        let repositories = try required().context.repositories
        let pinned = try await repositories.pin(source)
        let tree = try await repositories.tree(pinned)
        return LoadedContext(dockerfile: try await dockerfile(in: tree, progress), main: .git(pinned))
    }

    /// A context that is one file: an archive with everything in it, or the Dockerfile of an empty context.
    private func source(in file: HTTPSource, _ fetcher: Fetcher) async throws -> Source {
        let tree = try await fetcher.archives.download(file)
        let opened = try tree.root.openFile(Path(ArchiveContext.filename), .readOnly, .noSymlinks)
        if try ContextArchive.isArchive(opened) { return .archive(file, try await fetcher.archives.unpack(file)) }
        return .text(SourceFile(name: ArchiveContext.filename, bytes: try opened.readAll(limit: Self.limit)))
    }

    private func standardInput(_ progress: ProgressStream) async throws -> Source {
        guard let fetcher else { return .text(SourceFile(bytes: try await readStandardInput())) }
        let input = SharedDescriptor(try StandardStream.input.duplicate())
        let name = ArchiveContext.filename
        let taken = try await progress.vertex("[internal] load context from standard input") { _ in
            try await fetcher.context.files.take(input, name: name, limit: Self.limit)
        }
        switch taken {
        case .archive(let source): return .archive(source, try await fetcher.archives.unpack(source))
        case .text(let bytes):
            guard request.dockerfile == .standardInput else { throw OptionError.ambiguousStandardInput }
            return .text(SourceFile(bytes: bytes))
        }
    }

    /// The Dockerfile of a context from outside: in its tree, unless `-f` names one of this machine or a URL.
    private func dockerfile(in tree: SourceTree, _ progress: VertexProgress) async throws -> SourceFile {
        switch request.dockerfile {
        case .path(let file) where file.hasPrefix("/"): return try Self.readDockerfile(file, shownAs: file).file
        case .path(let file): return SourceFile(name: file, bytes: try Self.readDockerfile(file, in: tree.root))
        case .url(let url): return try await fetchDockerfile(url, progress)
        case .standardInput where request.context != .standardInput:
            return SourceFile(bytes: try await readStandardInput())
        case .inContext, .standardInput:
            return SourceFile(name: "Dockerfile", bytes: try Self.readDockerfile("Dockerfile", in: tree.root))
        }
    }

    private func fetchDockerfile(_ url: String, _ progress: VertexProgress) async throws -> SourceFile {
        let files = try required().context.files
        let file = try await files.file(HTTPSource(url: url, filename: "Dockerfile"), progress)
        let bytes = try files.open(file).readAll(limit: Self.limit)
        return SourceFile(name: url.withoutURLCredentials, bytes: bytes)
    }

    private func readStandardInput() async throws -> [UInt8] {
        do {
            return try await BlockingThread.run("read input") { flag in
                try StandardStream.input.duplicate().readAll(limit: Self.limit, flag)
            }
        } catch let error as SystemError {
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
}

/// There is no Dockerfile to read.
struct DockerfileNotFound: HintedError, CustomStringConvertible {
    let name: String
    let reason: String

    var description: String { "failed to read dockerfile: open \(name): \(reason)" }
    var hint: String? { "name the Dockerfile with `-f`, relative to the current directory" }
}
