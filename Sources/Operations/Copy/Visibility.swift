import DockerfileParser
import LinuxSystem

/// How an entry of a tree appears to a copy.
enum Visibility {
    case shown
    /// Hidden itself, though something below it is shown.
    case passage
    case hidden

    /// What two of them make of an entry.
    func and(_ other: Visibility) -> Visibility {
        if self == .hidden || other == .hidden { return .hidden }
        return self == .shown && other == .shown ? .shown : .passage
    }
}

/// A list of patterns on a walk, in a directory.
struct PatternCursor {
    private let patterns: IgnorePatterns
    private let scope: IgnoreScope

    /// In the directory `path` of the tree that `patterns` are relative to.
    init(_ patterns: IgnorePatterns, at path: Path = "") {
        self.patterns = patterns
        var scope = IgnoreScope(patterns)
        var place: Path = ""
        for name in path.components {
            place = place.appending(name)
            scope = scope.directory(place.bytes[...])
        }
        self.scope = scope
    }

    private init(_ patterns: IgnorePatterns, _ scope: IgnoreScope) {
        self.patterns = patterns
        self.scope = scope
    }

    /// The same in the directory `path`, an entry of this one.
    func directory(_ path: Path) -> PatternCursor { PatternCursor(patterns, scope.directory(path.bytes[...])) }

    /// How `path`, an entry of this directory, appears where the patterns say what is hidden.
    func excluding(_ path: Path, isDirectory: Bool) -> Visibility {
        guard scope.selects(path.bytes[...]) else { return .shown }
        return isDirectory && patterns.couldTakeBack(below: path.bytes) ? .passage : .hidden
    }

    /// How `path`, an entry of this directory, appears where the patterns say what is shown.
    func including(_ path: Path, isDirectory: Bool) -> Visibility {
        if scope.selects(path.bytes[...]) { return .shown }
        return isDirectory && patterns.couldMatch(below: path.bytes) ? .passage : .hidden
    }
}
