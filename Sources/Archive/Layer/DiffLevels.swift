import LinuxSystem

/// A directory on the way down of a layer diff.
struct DiffLevel {
    /// Relative to the root; empty for the root.
    var path: Path
    /// What is written for it, once something below needs it; nil when that is done, and for the root.
    var header: TarEntry?
    /// Whether the parent has a directory here, so that names below can be compared.
    var isInParent: Bool
    /// Whether what the parent has here is hidden.
    var isOpaque: Bool
    /// Names to delete that were not yet passed, sorted.
    var deletions: [Path] = []

    init(path: Path, header: TarEntry?, isInParent: Bool, isOpaque: Bool) {
        self.path = path
        self.header = header
        self.isInParent = isInParent
        self.isOpaque = isOpaque
    }
}

/// The directories from the root to where a layer diff is.
struct DiffLevels {
    private var levels: [DiffLevel]

    init(_ top: DiffLevel) {
        levels = [top]
    }

    var last: DiffLevel { levels[levels.count - 1] }

    mutating func push(_ level: DiffLevel) {
        levels.append(level)
    }

    mutating func pop() {
        levels.removeLast()
    }

    /// Takes the deletions of the last directory that sort before `name`; nil: all.
    mutating func deletions(before name: Path?) -> [Path] {
        let index = levels.count - 1
        let all = levels[index].deletions
        if all.isEmpty { return [] }
        let end = name.flatMap { name in all.firstIndex { !($0 < name) } } ?? all.count
        levels[index].deletions.removeFirst(end)
        return Array(all[..<end])
    }

    /// Takes the headers of directories that were not written, from the top.
    mutating func headers() -> [TarEntry] {
        var headers: [TarEntry] = []
        var index = levels.count - 1
        // What is above a written directory is written.
        while index >= 0, let header = levels[index].header {
            headers.append(header)
            levels[index].header = nil
            index -= 1
        }
        return headers.reversed()
    }
}
