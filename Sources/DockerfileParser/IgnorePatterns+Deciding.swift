extension IgnorePatterns {
    /// The pattern that decides about `path`, as it was written, for messages; nil where none matches.
    package func deciding(_ path: [UInt8]) -> String? {
        let parents = path.indices.filter { path[$0] == ASCII.slash }.map { path[..<$0] }
        let last = patterns.last { pattern in
            pattern.matches(path[...]) || parents.contains { pattern.matches($0) }
        }
        return last?.text
    }
}
