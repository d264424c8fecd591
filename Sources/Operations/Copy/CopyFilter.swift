import DockerfileParser
import LinuxSystem

/// The include and exclude patterns of a copy, on a walk below the item that is copied.
struct CopyFilter {
    private var include: PatternCursor?
    private var exclude: PatternCursor?

    /// Compiles the patterns, for the item itself; empty lists restrict nothing.
    init(include: [String], exclude: [String]) throws {
        self.include = include.isEmpty ? nil : PatternCursor(try IgnorePatterns(include))
        self.exclude = exclude.isEmpty ? nil : PatternCursor(try IgnorePatterns(exclude))
    }

    /// How the item itself is treated: it is never excluded, and only a passage where there are include patterns.
    var item: Visibility { include == nil ? .shown : .passage }

    /// How an entry of the present directory, `path` below the item, is treated.
    func decide(_ path: Path, isDirectory: Bool) -> Visibility {
        let excluded = exclude?.excluding(path, isDirectory: isDirectory) ?? .shown
        if excluded != .shown { return excluded }
        return include?.including(path, isDirectory: isDirectory) ?? .shown
    }

    /// The same in the directory `path`, an entry of this one.
    func directory(_ path: Path) -> CopyFilter {
        var copy = self
        copy.include = include?.directory(path)
        copy.exclude = exclude?.directory(path)
        return copy
    }
}
