import Glibc
import LinuxSystem

/// A file that appears under its name when it is complete, or standard output.
package struct OutputFile: ~Copyable {
    /// Where an output that is one stream goes.
    package enum Destination: Hashable, Sendable {
        case standardOutput
        case path(String)
    }

    /// The open file; the caller writes to it.
    let descriptor: FileDescriptor
    /// The directory of the destination; nil for standard output.
    private let directory: SharedDirectory?
    private let temporary: Path
    private let name: Path

    /// Opens standard output, or a temporary file beside the destination.
    init(_ destination: Destination) throws(SystemError) {
        guard case .path(let text) = destination else {
            self.init(try StandardStream.output.duplicate(), directory: nil, temporary: "", name: "")
            return
        }
        let path = Path(text)
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
