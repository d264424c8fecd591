import LinuxSystem

/// The records of a PAX extended header (POSIX.1-2001 pax), by key.
struct PaxRecords {
    private var values: [(key: [UInt8], value: [UInt8])] = []

    var isEmpty: Bool { values.isEmpty }

    mutating func add(_ key: String, _ value: some Sequence<UInt8>) {
        values.append((Array(key.utf8), Array(value)))
    }

    mutating func add(_ key: String, _ number: Int64) {
        add(key, String(number).utf8)
    }

    /// The attribute in the form of star, which everybody reads.
    mutating func add(_ attribute: ExtendedAttribute) {
        values.append((Array("SCHILY.xattr.".utf8) + attribute.name.bytes, attribute.value))
    }

    /// All records, sorted by key.
    func encoded() -> [UInt8] {
        values.sorted { $0.key.lexicographicallyPrecedes($1.key) }.flatMap { Self.encode($0.key, $0.value) }
    }

    /// `length key=value\n`, where the length counts its own digits.
    private static func encode(_ key: [UInt8], _ value: [UInt8]) -> [UInt8] {
        let rest = key.count + value.count + 3
        var length = rest + String(rest).utf8.count
        if String(length).utf8.count + rest != length { length += 1 }
        return Array("\(length) ".utf8) + key + [UInt8(ascii: "=")] + value + [UInt8(ascii: "\n")]
    }
}
