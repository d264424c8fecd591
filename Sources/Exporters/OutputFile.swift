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
        let name = path.lastComponent ?? path
        let temporary = Path(bytes: Array(".swbuild-\(getpid())-".utf8) + name.bytes)
        let parent = SharedDirectory(try Directory.open(path.parent.isEmpty ? "." : path.parent))
        let file = try parent.directory.openFile(
            temporary,
            [.writeOnly, .create, .truncate, .noFollow],
            mode: 0o644
        )
        self.init(file, directory: parent, temporary: temporary, name: name)
    }

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
