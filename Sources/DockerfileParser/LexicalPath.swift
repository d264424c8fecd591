/// Paths as bytes, changed without looking at a file system.
package enum LexicalPath {
    /// The shortest equal path, as Go's `path.Clean`: no empty components, no `.`, and `..` only at the front.
    package static func clean(_ path: ArraySlice<UInt8>) -> [UInt8] {
        if isClean(path) { return Array(path) }
        let isRooted = path.first == ASCII.slash
        var kept: [ArraySlice<UInt8>] = []
        for component in path.split(separator: ASCII.slash) where !component.elementsEqual(".".utf8) {
            let isParent = component.elementsEqual("..".utf8)
            if isParent, let last = kept.last, !last.elementsEqual("..".utf8) {
                kept.removeLast()
            } else if !(isParent && isRooted) {
                kept.append(component)
            }
        }
        let joined = Array(kept.joined(separator: [ASCII.slash]))
        if isRooted { return [ASCII.slash] + joined }
        return joined.isEmpty ? [UInt8(ascii: ".")] : joined
    }

    /// Whether no component is empty or begins with a dot, as in nearly all paths.
    private static func isClean(_ path: ArraySlice<UInt8>) -> Bool {
        let names = path.first == ASCII.slash ? path.dropFirst() : path
        var previous = ASCII.slash
        for byte in names {
            if previous == ASCII.slash, byte == ASCII.slash || byte == UInt8(ascii: ".") { return false }
            previous = byte
        }
        return previous != ASCII.slash
    }
}
