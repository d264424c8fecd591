import LinuxSystem

/// Values of one size by path, in one piece of memory that is the same in a file.
///
/// Records: the length of the path (UInt32, little-endian), the path, the value. They are in the order in which a walk
/// visits paths: what is in a directory directly after it, and names in the order of their bytes.
package struct PathTable: Sendable, Equatable {
    /// Bytes of a value.
    package let valueSize: Int
    /// All records.
    package private(set) var bytes: [UInt8] = []
    /// Where each record begins.
    private var starts: [Int] = []
    private var isSorted = true

    /// A table of nothing.
    package init(valueSize: Int) {
        self.valueSize = valueSize
    }

    /// Takes records as they were in a file; `nil` where they are none.
    init?(valueSize: Int, _ bytes: [UInt8]) {
        self.valueSize = valueSize
        self.bytes = bytes
        let isWhole = bytes.withUnsafeBytes { buffer in
            var start = 0
            while start < buffer.count {
                guard buffer.count - start >= PathTable.lengthSize else { return false }
                let length = Int(UInt32(littleEndian: buffer.loadUnaligned(fromByteOffset: start, as: UInt32.self)))
                starts.append(start)
                start += PathTable.lengthSize + length + valueSize
            }
            return start == buffer.count
        }
        if !isWhole { return nil }
    }

    package var count: Int { starts.count }

    /// Adds a record behind all others; where its path does not come after theirs, the table is to be sorted.
    package mutating func append(_ path: Path, _ value: UnsafeRawBufferPointer) {
        assert(value.count == valueSize)
        if count > 0, compare(path, count - 1) <= 0 { isSorted = false }
        starts.append(bytes.count)
        withUnsafeBytes(of: UInt32(path.bytes.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: path.bytes)
        bytes.append(contentsOf: value)
    }

    /// Puts the records in order; of several with one path the last one stays.
    package mutating func sort() {
        if isSorted { return }
        let order = starts.indices.sorted { left, right in
            let order = compare(path(at: left), right)
            return order == 0 ? left < right : order < 0
        }
        var result = PathTable(valueSize: valueSize)
        result.reserve(bytes.count)
        for (place, index) in order.enumerated() {
            let path = path(at: index)
            if place + 1 < order.count, compare(path, order[place + 1]) == 0 { continue }
            withValue(at: index) { result.append(path, $0) }
        }
        self = result
    }

    /// Makes room for `size` more bytes.
    package mutating func reserve(_ size: Int) { bytes.reserveCapacity(bytes.count + size) }

    /// The record of `path`; `nil` if there is none.
    ///
    /// It is looked for at `cursor` first, which is moved behind it: whoever asks in order finds each at once.
    package func index(of path: Path, _ cursor: inout Int) -> Int? {
        var low = 0
        var high = count
        var place = cursor < count ? cursor : count / 2
        while low < high {
            let order = compare(path, place)
            if order == 0 {
                cursor = place + 1
                return place
            }
            if order < 0 { high = place } else { low = place + 1 }
            place = low + (high - low) / 2
        }
        cursor = low
        return nil
    }

    /// Hands out the value of a record.
    package func withValue<R>(at index: Int, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        let end = index + 1 < count ? starts[index + 1] : bytes.count
        return try bytes.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[(end - valueSize)..<end])) }
    }

    package func path(at index: Int) -> Path {
        withPath(at: index) { Path(bytes: Array($0)) }
    }

    /// Less than 0 where `path` comes before a record's, more where it comes after it.
    package func compare(_ path: Path, _ index: Int) -> Int {
        withPath(at: index) { other in path.bytes.withUnsafeBytes { PathTable.compare($0, other) } }
    }

    private func withPath<R>(at index: Int, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        let start = starts[index] + PathTable.lengthSize
        let end = (index + 1 < count ? starts[index + 1] : bytes.count) - valueSize
        return bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[start..<end])) }
    }

    /// The order of a walk: a separator comes before everything that a name can hold.
    static func compare(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
        let shared = min(left.count, right.count)
        var index = 0
        while index < shared, left[index] == right[index] { index += 1 }
        if index == shared { return left.count - right.count }
        let separator = UInt8(ascii: "/")
        if left[index] == separator { return -1 }
        if right[index] == separator { return 1 }
        return Int(left[index]) - Int(right[index])
    }

    private static let lengthSize = MemoryLayout<UInt32>.size
}
