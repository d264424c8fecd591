/// What a result is recorded under: a cache key, and a word for what differs between results of the same key, of users
/// that share the cache directory.
///
/// As text the word comes first, then a space, then the key, in which there is none.
package struct ResultKey: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// The key `key` among those of `scope`.
    package init(scope: String, key: some CustomStringConvertible) {
        self.init(text: "\(scope) \(key)")
    }

    /// The key of a text as ``description`` gives it.
    package init(text: String) {
        description = text
    }

    /// The word; empty where there is none.
    var scope: Substring { description[..<(lastSpace ?? description.startIndex)] }

    /// The cache key.
    package var key: Substring {
        lastSpace.map { description[description.index(after: $0)...] } ?? description[...]
    }

    private var lastSpace: String.Index? { description.lastIndex(of: " ") }
}
