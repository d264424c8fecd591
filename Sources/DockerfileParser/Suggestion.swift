/// Near misses for words that are not known (spec 9.7).
package enum Suggestion {
    /// The option closest to `word` by edit distance, if it is less than 3 away; of equals the first.
    ///
    /// Without `caseSensitive` the answer takes the case of `word` where that is uniform. An option equal to `word`
    /// means that the word itself was not at fault: the answer is nil.
    package static func nearest(to word: String, among options: [String], caseSensitive: Bool = true) -> String? {
        let wanted = Array((caseSensitive ? word : word.lowercased()).unicodeScalars)
        var best: String?
        var bestDistance = 3
        for option in options {
            let candidate = caseSensitive ? option : option.lowercased()
            let scalars = Array(candidate.unicodeScalars)
            if scalars == wanted { return nil }
            guard abs(scalars.count - wanted.count) < bestDistance else { continue }
            let distance = editDistance(wanted, scalars)
            if distance < bestDistance {
                best = caseSensitive ? candidate : matchingCase(candidate, of: word)
                bestDistance = distance
            }
        }
        return best
    }

    private static func matchingCase(_ candidate: String, of word: String) -> String {
        if word == word.lowercased() { return candidate.lowercased() }
        return word == word.uppercased() ? candidate.uppercased() : candidate
    }

    private static func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        var row = Array(0...right.count)
        for (i, scalar) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for j in right.indices {
                let substitution = diagonal + (right[j] == scalar ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substitution, row[j] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}
