import LinuxSystem

/// A file that does nothing but take space: given up, it lets what cleans up begin on a full disk.
///
/// SQLite writes before it removes anything.
enum SpaceReserve {
    private static let name: Path = "reserve"
    /// Enough for the index and the log of SQLite, until the first files are gone: bytes.
    private static let size = 256 << 10

    /// Makes it, unless it is there; where there is no space for it, another time.
    static func make(in directory: borrowing Directory) {
        do {
            if let status = try directory.statusIfExists(name, .noSymlinks), status.size == size { return }
            try directory.writeFile(name, [UInt8](repeating: 0, count: size), mode: 0o600, .noSymlinks)
        } catch {
            try? directory.remove(name)
        }
    }

    /// Gives its space back; false where there was none.
    static func release(in directory: borrowing Directory) -> Bool {
        (try? directory.remove(name)) != nil
    }
}
