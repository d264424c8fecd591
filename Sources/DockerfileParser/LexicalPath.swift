/// Paths as bytes, changed without looking at a file system.
package enum LexicalPath {
    /// The shortest equal path, as Go's `path.Clean`: no empty components, no `.`, and `..` only at the front.
    package static func clean(_ path: ArraySlice<UInt8>) -> [UInt8] {
        if isClean(path) { return Array(path) }
        let isRooted = path.first == ASCII.slash
        var result: [UInt8] = isRooted ? [ASCII.slash] : []
        result.reserveCapacity(path.count)
        // Where what `..` cannot take back ends.
        var fixed = result.count
        for component in path.split(separator: ASCII.slash) where !component.elementsEqual(".".utf8) {
            let isParent = component.elementsEqual("..".utf8)
            if isParent, result.count > fixed {
                let slash = result[fixed...].lastIndex(of: ASCII.slash) ?? fixed
                result.removeSubrange(slash...)
            } else if !(isParent && isRooted) {
                if let last = result.last, last != ASCII.slash { result.append(ASCII.slash) }
                result.append(contentsOf: component)
                if isParent { fixed = result.count }
            }
        }
        return result.isEmpty ? [UInt8(ascii: ".")] : result
    }

    /// Whether no component is empty or begins with a dot, as in nearly all paths; such a path is its own shortest.
    package static func isClean(_ path: String) -> Bool { isClean(path.utf8) }

    private static func isClean(_ path: some Collection<UInt8>) -> Bool {
        let slash = UInt8(ascii: "/")
        var previous = slash
        var isFirst = true
        for byte in path {
            if previous == slash, byte == UInt8(ascii: ".") || byte == slash && !isFirst { return false }
            previous = byte
            isFirst = false
        }
        return previous != slash
    }
}
