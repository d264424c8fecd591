import Archive
import LinuxSystem
import OCI
import Storage

/// Writes a layout as a directory, or adds an image to one that is there (spec/04 §4.2, `tar=false`).
struct LayoutDirectoryWriter {
    let store: ContentStore
    let cancellation: CancellationFlag

    /// Writes `contents` into the directory `path`, which is made where it is missing.
    ///
    /// The image appears when `index.json` is replaced, at the end; an entry of the same name in it is replaced.
    func write(_ contents: LayoutContents, adding index: Index, to path: Path) throws {
        let directory = try DestinationDirectory.open(path)
        let merged = try Self.merge(index, into: directory)
        try directory.makeDirectories("blobs/sha256")
        for entry in contents.entries where entry.path.hasPrefix("blobs/") {
            try cancellation.check()
            try write(entry, to: directory)
        }
        try replace("oci-layout", LayoutContents.marker, in: directory)
        try replace("index.json", merged.json.compact(), in: directory)
    }

    /// The index of the directory with the new entries in place of those of the same name.
    private static func merge(_ index: Index, into directory: borrowing Directory) throws -> Index {
        guard try directory.statusIfExists("index.json") != nil else { return index }
        let nameKey = "org.opencontainers.image.ref.name"
        do {
            var merged = try Index(json: try directory.readFile("index.json", limit: 4 << 20))
            let names = Set(index.manifests.map { $0.annotations[nameKey] })
            merged.manifests.removeAll { old in
                names.contains(old.annotations[nameKey])
                    || index.manifests.contains { $0.digest == old.digest && $0.annotations[nameKey] == nil }
            }
            merged.manifests += index.manifests
            return merged
        } catch let error as DocumentError {
            throw ExportError.invalidLayout(path: "index.json", reason: "\(error)")
        }
    }

    private func write(_ entry: LayoutEntry, to directory: borrowing Directory) throws {
        if let existing = try directory.statusIfExists(Path(entry.path)), existing.size == entry.size { return }
        let temporary = Path(entry.path + ".swbuild")
        let file = try directory.openFile(temporary, [.writeOnly, .create, .truncate, .noFollow], mode: 0o644)
        switch entry.content {
        case .bytes(let bytes): try file.writeAll(bytes)
        case .blob(let descriptor):
            var source = try store.reader(descriptor.digest, size: descriptor.size)
            var sink = FileSink(try file.duplicate())
            try source.copy(to: &sink)
            _ = try sink.finish()
        }
        try directory.setPermissions(temporary, entry.mode)
        try directory.rename(temporary, to: Path(entry.path))
    }

    private func replace(_ name: Path, _ bytes: [UInt8], in directory: borrowing Directory) throws {
        let temporary = Path(bytes: Array(".".utf8) + name.bytes + Array(".swbuild".utf8))
        try directory.writeFile(temporary, bytes, mode: 0o644)
        try directory.rename(temporary, to: name)
    }
}
