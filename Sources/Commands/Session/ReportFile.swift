import LinuxSystem

/// The small files that tell of a build.
enum ReportFile {
    /// Removes what an earlier build left at `path`, so that it is never taken for this one's.
    static func remove(_ path: String) throws(SystemError) {
        let target = Path(path)
        let directory = try Directory.open(target.parent.isEmpty ? "." : target.parent)
        guard try directory.statusIfExists(target.lastComponent ?? ".")?.kind == .regular else { return }
        try directory.remove(target.lastComponent ?? ".")
    }
}
