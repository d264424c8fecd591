import Archive
import Glibc
import LinuxSystem
import OCI
import Storage

/// Writes a layout as a directory, or adds an image to one that is there (spec/04 §4.2, `tar=false`).
struct LayoutDirectoryWriter {
    let store: ContentStore
    let cancellation: CancellationFlag

    /// Writes `contents` into the directory `path`, which is made where it is missing; others may write to it at the
    /// same time.
    ///
    /// The image appears when `index.json` is replaced, at the end; an entry of the same name in it is replaced. With
    /// `replacingAll` all other entries are, and then all other blobs go.
    func write(
        _ contents: LayoutContents,
        adding index: Index,
        to path: Path,
        replacingAll: Bool = false
    ) throws {
        let directory = try DestinationDirectory.open(path)
        try directory.makeDirectories("blobs/sha256")
        for entry in contents.entries where entry.path.hasPrefix("blobs/") {
            try cancellation.check()
            try write(entry, to: directory)
        }
        try replace("oci-layout", LayoutContents.marker, in: directory)
        let lock = try FileLock.acquire(on: directory.descriptor.duplicate(), .exclusive)
        defer { withExtendedLifetime(lock) {} }
        let merged = replacingAll ? index : try Self.merge(index, into: directory)
        try replace("index.json", merged.json.compact(), in: directory)
        if replacingAll { try Self.removeBlobs(otherThan: Set(contents.entries.map(\.path)), from: directory) }
    }

    private static func removeBlobs(otherThan kept: Set<String>, from directory: borrowing Directory) throws {
        for algorithm in ["sha256", "sha384", "sha512"] {
            let name = Path("blobs/\(algorithm)")
            guard try directory.statusIfExists(name) != nil else { continue }
            for entry in try directory.openDirectory(name).entries() {
                let path = name.appending(entry.name)
                if !kept.contains(path.string) { try directory.remove(path) }
            }
        }
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
        let output = try OutputFile(Path(entry.path), in: directory, mode: entry.mode)
        switch entry.content {
        case .bytes(let bytes): try output.descriptor.writeAll(bytes)
        case .blob(let descriptor):
            var source = try store.reader(descriptor.digest, size: descriptor.size)
            var sink = FileSink(try output.descriptor.duplicate())
            try source.copy(to: &sink)
            _ = try sink.finish()
        }
        try output.finish()
    }

    private func replace(_ name: Path, _ bytes: [UInt8], in directory: borrowing Directory) throws {
        let output = try OutputFile(name, in: directory, mode: 0o644)
        try output.descriptor.writeAll(bytes)
        try output.finish()
    }
}
