import LinuxSystem

/// The 512 bytes of a POSIX ustar header.
struct TarHeaderBlock {
    /// A field by its offset and length.
    struct Field: Hashable {
        var offset: Int
        var length: Int

        /// The greatest number whose octal digits and NUL fit.
        var greatest: Int64 { length > 21 ? .max : (1 << (3 * (Int64(length) - 1))) - 1 }

        func holds(_ number: Int64) -> Bool { number >= 0 && number <= greatest }

        static let name = Field(offset: 0, length: 100)
        static let mode = Field(offset: 100, length: 8)
        static let uid = Field(offset: 108, length: 8)
        static let gid = Field(offset: 116, length: 8)
        static let size = Field(offset: 124, length: 12)
        static let modified = Field(offset: 136, length: 12)
        static let checksum = Field(offset: 148, length: 8)
        static let typeFlag = Field(offset: 156, length: 1)
        static let linkName = Field(offset: 157, length: 100)
        static let magic = Field(offset: 257, length: 8)
        static let deviceMajor = Field(offset: 329, length: 8)
        static let deviceMinor = Field(offset: 337, length: 8)
        static let prefix = Field(offset: 345, length: 155)
    }

    static let size = 512
    private(set) var bytes = [UInt8](repeating: 0, count: Self.size)

    init(typeFlag: UInt8) {
        bytes[Field.typeFlag.offset] = typeFlag
        set(.magic, to: Array("ustar\u{0}00".utf8))
    }

    /// Writes a text, cut at the end of the field; it is NUL-terminated only where there is room.
    mutating func set(_ field: Field, to text: some Collection<UInt8>) {
        var offset = field.offset
        for byte in text.prefix(field.length) {
            bytes[offset] = byte
            offset += 1
        }
        // A cut name that ends in a slash would be taken for a directory by old readers.
        guard text.count > field.length, bytes[offset - 1] == UInt8(ascii: "/") else { return }
        while offset > field.offset, bytes[offset - 1] == UInt8(ascii: "/") {
            bytes[offset - 1] = 0
            offset -= 1
        }
    }

    /// Writes octal digits with leading zeros and a NUL; 0 for a number that does not fit (a PAX record has it).
    mutating func set(_ field: Field, to number: Int64) {
        var rest = field.holds(number) ? number : 0
        for offset in (field.offset..<field.offset + field.length - 1).reversed() {
            bytes[offset] = UInt8(ascii: "0") + UInt8(rest & 7)
            rest >>= 3
        }
    }

    /// Writes the checksum, which counts itself as spaces; nothing may be set afterwards.
    mutating func seal() {
        let field = Field.checksum
        for offset in field.offset..<field.offset + field.length { bytes[offset] = UInt8(ascii: " ") }
        let sum = bytes.reduce(0) { $0 + Int64($1) }
        set(Field(offset: field.offset, length: field.length - 1), to: sum)
        bytes[field.offset + 6] = 0
    }
}
