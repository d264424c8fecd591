import LinuxSystem

/// Writes the small files that tell of a build, whole or not at all.
enum ReportFile {
    /// Removes what an earlier build left at `path`, so that it is never taken for this one's.
    static func remove(_ path: String) throws(SystemError) {
        let target = Path(path)
        let directory = try Directory.open(target.parent.isEmpty ? "." : target.parent)
        guard try directory.statusIfExists(target.lastComponent ?? ".")?.kind == .regular else { return }
        try directory.remove(target.lastComponent ?? ".")
    }

    /// Writes `bytes` to `path`, replacing what is there.
    static func write(_ bytes: [UInt8], to path: String) throws {
        let target = Path(path)
        guard let name = target.lastComponent else { throw OptionError.fileUnreadable(path, reason: "not a file name") }
        let directory = try Directory.open(target.parent.isEmpty ? "." : target.parent)
        let temporary = Path(".\(name).swbuild")
        try directory.writeFile(temporary, bytes)
        try directory.rename(temporary, to: name)
    }
}
