/// What a walk knows of the directory it is in, so that not every pattern is tried on every path below.
package struct IgnoreScope: Sendable {
    /// A pattern that may still decide something.
    private struct Candidate {
        let pattern: IgnorePattern
        /// Whether it matched this directory or one above it, and so matches all below.
        let isInherited: Bool

        /// Whether it matches a path about which the patterns before it said `isSelected`.
        ///
        /// A pattern that can't change the verdict is not tried, and then doesn't count for what is below.
        func decides(_ path: ArraySlice<UInt8>, _ isSelected: Bool) -> Bool {
            isInherited || (pattern.isException == isSelected && pattern.matches(path))
        }
    }

    /// In the order of the patterns.
    private let candidates: [Candidate]
    /// Whether everything below is selected, whatever it is called.
    private let selectsAll: Bool

    /// The root of the tree that `patterns` are relative to.
    package init(_ patterns: IgnorePatterns) {
        candidates = patterns.patterns.map { Candidate(pattern: $0, isInherited: false) }
        selectsAll = false
    }

    private init(_ candidates: [Candidate]) {
        self.candidates = candidates
        selectsAll = candidates.contains(where: \.isInherited) && candidates.allSatisfy { !$0.pattern.isException }
    }

    /// Whether `path`, an entry of this directory given from the root on, is selected.
    package func selects(_ path: ArraySlice<UInt8>) -> Bool {
        if selectsAll { return true }
        var isSelected = false
        for candidate in candidates where candidate.decides(path, isSelected) {
            isSelected = !candidate.pattern.isException
        }
        return isSelected
    }

    /// The scope of `path`, a directory in this one given from the root on.
    package func directory(_ path: ArraySlice<UInt8>) -> IgnoreScope {
        if selectsAll { return self }
        var isSelected = false
        var below: [Candidate] = []
        for candidate in candidates {
            let matches = candidate.decides(path, isSelected)
            if matches { isSelected = !candidate.pattern.isException }
            if matches || candidate.pattern.couldMatch(below: path) {
                below.append(Candidate(pattern: candidate.pattern, isInherited: matches))
            }
        }
        return IgnoreScope(below)
    }
}
