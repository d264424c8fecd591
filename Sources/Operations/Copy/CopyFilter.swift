import DockerfileParser
import LinuxSystem

/// The include and exclude patterns of a copy, tested against paths below the item that is copied.
struct CopyFilter {
    private let include: IgnorePatterns?
    private let exclude: IgnorePatterns?

    /// Compiles the patterns; empty lists restrict nothing.
    init(include: [String], exclude: [String]) throws {
        self.include = include.isEmpty ? nil : try IgnorePatterns(include)
        self.exclude = exclude.isEmpty ? nil : try IgnorePatterns(exclude)
    }

    /// How an entry below the item is treated.
    ///
    /// The item itself (an empty path) is never excluded, and is only a passage where there are include patterns.
    func decide(_ path: Path, isDirectory: Bool) -> SourceTree.Visibility {
        if path.isEmpty { return include == nil ? .shown : .passage }
        let text = path.string
        if let exclude, exclude.matches(text) {
            return isDirectory && !exclude.canSkipDirectory(text) ? .passage : .hidden
        }
        if let include, !include.matches(text) { return isDirectory ? .passage : .hidden }
        return .shown
    }
}
