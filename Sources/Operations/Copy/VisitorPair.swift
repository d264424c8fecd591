import LinuxSystem

/// Two visitors of one walk, of which there may be only the first.
struct VisitorPair<First: SourceVisitor, Second: SourceVisitor>: SourceVisitor {
    var first: First
    var second: Second?

    mutating func enter(_ path: Path, _ status: FileStatus, _ directory: SharedDirectory) throws {
        try first.enter(path, status, directory)
        try second?.enter(path, status, directory)
    }

    mutating func leave(_ path: Path, _ status: FileStatus) throws {
        try first.leave(path, status)
        try second?.leave(path, status)
    }

    mutating func visit(_ path: Path, _ status: FileStatus, name: Path, in parent: SharedDirectory) throws {
        try first.visit(path, status, name: name, in: parent)
        try second?.visit(path, status, name: name, in: parent)
    }
}
