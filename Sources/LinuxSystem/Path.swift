import Glibc

/// A path as the kernel sees it: bytes without NUL, in no particular encoding.
package struct Path: Hashable, Comparable, Sendable, CustomStringConvertible, ExpressibleByStringInterpolation {
    /// The bytes, without the terminating NUL.
    package let bytes: [UInt8]

    /// The UTF-8 bytes of a string, up to its first NUL.
    package init(_ string: String) {
        self.init(bytes: Array(string.utf8))
    }

    /// Bytes up to the first NUL, because the kernel would read no further.
    package init(bytes: [UInt8]) {
        if let end = bytes.firstIndex(of: 0) {
            self.bytes = Array(bytes[..<end])
        } else {
            self.bytes = bytes
        }
    }

    /// A path from a literal.
    package init(stringLiteral value: String) {
        self.init(value)
    }

    /// Copies a NUL-terminated string of the kernel.
    package init(cString: UnsafePointer<CChar>) {
        let raw = UnsafeRawPointer(cString)
        var count = 0
        while raw.load(fromByteOffset: count, as: UInt8.self) != 0 { count += 1 }
        bytes = Array(UnsafeRawBufferPointer(start: raw, count: count))
    }

    /// The path for display: bytes that are not UTF-8 are replaced.
    package var string: String { String(decoding: bytes, as: UTF8.self) }

    package var description: String { string }

    package var isEmpty: Bool { bytes.isEmpty }

    package var isAbsolute: Bool { bytes.first == Path.separator }

    /// The names between separators, without empty ones; `.` and `..` are kept.
    package var components: [Path] {
        bytes.split(separator: Path.separator).map { Path(bytes: Array($0)) }
    }

    /// The last name, `nil` for an empty path and for `/`.
    package var lastComponent: Path? {
        guard let end = bytes.lastIndex(where: { $0 != Path.separator }) else { return nil }
        let start = bytes[...end].lastIndex(of: Path.separator).map { $0 + 1 } ?? 0
        return start == 0 && end == bytes.count - 1 ? self : Path(bytes: Array(bytes[start...end]))
    }

    /// Whether the path is one name, and neither `.` nor `..`.
    var isPlainName: Bool {
        !bytes.isEmpty && !bytes.contains(Path.separator) && bytes != [Path.dot] && bytes != [Path.dot, Path.dot]
    }

    /// Everything before the last name: empty for a single relative name, `/` for a name in the root.
    package var parent: Path {
        guard lastComponent != nil else { return isAbsolute ? "/" : "" }
        var end = bytes.count
        while end > 0, bytes[end - 1] == Path.separator { end -= 1 }
        while end > 0, bytes[end - 1] != Path.separator { end -= 1 }
        while end > 1, bytes[end - 1] == Path.separator { end -= 1 }
        return Path(bytes: Array(bytes[..<end]))
    }

    /// This path with another one below it; leading separators of `other` do not make it start over.
    package func appending(_ other: Path) -> Path {
        let tail = other.bytes.drop { $0 == Path.separator }
        if bytes.isEmpty { return other }
        if tail.isEmpty { return self }
        var joined = bytes
        joined.reserveCapacity(bytes.count + 1 + tail.count)
        if joined.last != Path.separator { joined.append(Path.separator) }
        joined.append(contentsOf: tail)
        return Path(bytes: joined)
    }

    /// This path with a name or path below it.
    package func appending(_ name: String) -> Path {
        appending(Path(name))
    }

    /// The path without leading separators, as it is given to calls relative to a directory.
    package var relative: Path {
        isAbsolute ? Path(bytes: Array(bytes.drop { $0 == Path.separator })) : self
    }

    /// The path with `.`, `..` and repeated separators worked out by text; never above its start.
    package func lexicallyNormalized() -> Path {
        var names: [ArraySlice<UInt8>] = []
        for name in bytes.split(separator: Path.separator) {
            if name.elementsEqual([Path.dot]) { continue }
            if name.elementsEqual([Path.dot, Path.dot]) {
                _ = names.popLast()
            } else {
                names.append(name)
            }
        }
        let joined = Array(names.joined(separator: [Path.separator]))
        return Path(bytes: isAbsolute ? [Path.separator] + joined : joined)
    }

    /// Whether this path is `other` or lies below it, compared by name and not by text prefix.
    package func isWithin(_ other: Path) -> Bool {
        let mine = components
        let theirs = other.components
        return isAbsolute == other.isAbsolute && mine.starts(with: theirs)
    }

    /// Calls `body` with the path as a NUL-terminated string that lives for the call.
    package func withCString<R, E>(_ body: (UnsafePointer<CChar>) throws(E) -> R) throws(E) -> R {
        let outcome: Result<R, E> = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: bytes.count + 1) { buffer in
            _ = buffer.initialize(fromContentsOf: bytes)
            buffer.initializeElement(at: bytes.count, to: 0)
            return buffer.withMemoryRebound(to: CChar.self) { text in
                guard let base = text.baseAddress else { preconditionFailure("a terminated string is never empty") }
                do throws(E) {
                    return .success(try body(base))
                } catch {
                    return .failure(error)
                }
            }
        }
        return try outcome.get()
    }

    package static func < (left: Path, right: Path) -> Bool {
        let shared = min(left.bytes.count, right.bytes.count)
        let order = left.bytes.withUnsafeBytes { left in
            right.bytes.withUnsafeBytes { right in
                guard let left = left.baseAddress, let right = right.baseAddress else { return Int32(0) }
                return memcmp(left, right, shared)
            }
        }
        return order == 0 ? left.bytes.count < right.bytes.count : order < 0
    }

    static let separator = UInt8(ascii: "/")
    static let dot = UInt8(ascii: ".")
}
