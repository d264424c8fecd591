/// Remembers under which name each file with several names came first.
package struct HardLinks {
    private var first: [FileStatus.Identity: Path] = [:]

    package init() {}

    /// The first name; nil, and remembers `path`, if this is the first.
    package mutating func firstName(of status: FileStatus, at path: Path) -> Path? {
        guard status.links > 1, status.kind != .directory else { return nil }
        if let name = first[status.identity] { return name }
        first[status.identity] = path
        return nil
    }
}
