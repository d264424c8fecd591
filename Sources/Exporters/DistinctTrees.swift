import LinuxSystem

extension [LocalExporter.Tree] {
    /// Throws ``ExportError/overwritten(path:platform:earlier:)`` where two trees that go to the same directory hold the
    /// same path, unless it is a directory in both (spec/04 §4.5, `platform-split`).
    func checkDistinct() throws {
        let together = filter { $0.name == nil }
        guard together.count > 1 else { return }
        var seen: [Path: (platform: String, isDirectory: Bool)] = [:]
        for tree in together { try tree.add(to: &seen, tree.root.directory, below: "") }
    }
}

extension LocalExporter.Tree {
    fileprivate func add(
        to seen: inout [Path: (platform: String, isDirectory: Bool)],
        _ directory: borrowing Directory,
        below path: Path
    ) throws {
        for entry in try directory.entries() {
            let place = path.appending(entry.name)
            let isDirectory = try (entry.kind ?? directory.status(entry.name).kind) == .directory
            if let earlier = seen[place], !(isDirectory && earlier.isDirectory) {
                throw ExportError.overwritten(path: "/\(place)", platform: platform, earlier: earlier.platform)
            }
            seen[place] = (platform, isDirectory)
            if isDirectory {
                try add(to: &seen, directory.openDirectory(entry.name, .noSymlinks), below: place)
            }
        }
    }
}
