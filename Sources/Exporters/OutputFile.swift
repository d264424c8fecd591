import Glibc
import LinuxSystem

/// A file that appears under its name when it is complete, or what streams: standard output, a device, a pipe.
package struct OutputFile: ~Copyable {
    /// Where an output that is one stream goes.
    package enum Destination: Hashable, Sendable {
        case standardOutput
        case path(String)

        /// Runs `body`; a failure of the system becomes one that names this destination.
        func naming(_ body: () throws -> Void) throws {
            do {
                try body()
            } catch let error as SystemError {
                let name = if case .path(let path) = self { path } else { "standard output" }
                throw ExportError.failed(destination: name, reason: error.description)
            }
        }
    }

    /// The open file; the caller writes to it.
    let descriptor: FileDescriptor
    /// The directory of the destination; nil where it is written to as it is.
    private let directory: SharedDirectory?
    private let temporary: Path
    private let name: Path

    /// Opens what streams, or a temporary file beside the destination; a link at the destination is followed and stays.
    init(_ destination: Destination) throws(SystemError) {
        guard case .path(let text) = destination else {
            self.init(try StandardStream.output.duplicate(), directory: nil, temporary: "", name: "")
            return
        }
        if let kind = try? FileStatus.of(Path(text)).kind, kind != .regular, kind != .directory {
            self.init(try FileDescriptor.open(Path(text), .writeOnly), directory: nil, temporary: "", name: "")
            return
        }
        let path = try Self.followLinks(Path(text))
        let parent = try Directory.open(path.parent.isEmpty ? "." : path.parent)
        try self.init(path.lastComponent ?? path, in: parent, mode: 0o644)
    }

    /// Opens a temporary file for `path` of a directory, beside it.
    init(_ path: Path, in directory: borrowing Directory, mode: UInt32) throws(SystemError) {
        let temporary = path.parent.appending(Self.temporaryName())
        let parent = SharedDirectory(try directory.duplicate())
        let file = try parent.directory.openFile(
            temporary,
            [.writeOnly, .create, .exclusive, .noFollow],
            mode: mode
        )
        self.init(file, directory: parent, temporary: temporary, name: path)
    }

    /// What the names of all begin with that is there only until an output is complete.
    static let temporaryPrefix = ".swbuild-"

    /// A new name for something that is there until an output is complete.
    static func temporaryName() -> Path { Path("\(temporaryPrefix)\(getpid())-\(UInt32.random(in: 0...UInt32.max))") }

    private init(_ descriptor: consuming FileDescriptor, directory: SharedDirectory?, temporary: Path, name: Path) {
        self.descriptor = descriptor
        self.directory = directory
        self.temporary = temporary
        self.name = name
    }

    /// Writes `bytes` to `destination`, whole or not at all.
    package static func write(_ bytes: [UInt8], to destination: Destination) throws(SystemError) {
        let output = try OutputFile(destination)
        try output.descriptor.writeAll(bytes)
        try output.finish()
    }

    /// The path without a symbolic link in its last place.
    private static func followLinks(_ path: Path) throws(SystemError) -> Path {
        var path = path
        for _ in 0..<40 {
            let parent = try Directory.open(path.parent.isEmpty ? "." : path.parent)
            guard let name = path.lastComponent, try parent.statusIfExists(name)?.kind == .symlink else { return path }
            let target = try parent.readLink(name)
            path = target.isAbsolute ? target : path.parent.appending(target)
        }
        throw SystemError("open", path, code: ELOOP)
    }

    /// Makes the file appear under its name, replacing another one.
    consuming func finish() throws(SystemError) {
        guard let directory else { return }
        try descriptor.sync()
        try directory.directory.rename(temporary, to: name)
    }

    deinit {
        // After `finish` there is no such name any more.
        try? directory?.directory.remove(temporary)
    }
}
