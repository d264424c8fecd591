import LinuxSystem

/// The header blocks of one entry, byte for byte as Go's archive/tar writes them and thus as BuildKit's layers have them:
/// plain ustar where everything fits, else a PAX header before it.
struct TarHeader {
    private let entry: TarEntry
    private let name: [UInt8]
    private let target: [UInt8]
    private var records = PaxRecords()
    /// Whether the `prefix` field cannot be used, because ustar alone does not hold the entry.
    private var needsPax = false

    init(_ entry: TarEntry) throws(ArchiveError) {
        self.entry = entry
        let slash = UInt8(ascii: "/")
        let path = entry.path.bytes
        name = entry.kind == .directory && path.last != slash ? path + [slash] : path
        target = entry.linkTarget?.bytes ?? []
        guard !path.isEmpty else { throw .unrepresentable(entry: entry.path, field: "empty name") }
        try collectRecords()
    }

    /// Everything before the content, a whole number of blocks.
    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        if !records.isEmpty { bytes = paxHeader() }
        var block = TarHeaderBlock(typeFlag: entry.kind.typeFlag)
        if let split = needsPax ? nil : Self.split(name) {
            block.set(.name, to: name[(split + 1)...])
            block.set(.prefix, to: name[..<split])
        } else {
            block.set(.name, to: Self.ascii(name))
        }
        block.set(.linkName, to: Self.ascii(target))
        block.set(.mode, to: Int64(entry.permissions))
        block.set(.uid, to: Int64(entry.uid))
        block.set(.gid, to: Int64(entry.gid))
        block.set(.size, to: entry.size)
        block.set(.modified, to: entry.modified.seconds)
        block.set(.deviceMajor, to: Int64(entry.deviceMajor))
        block.set(.deviceMinor, to: Int64(entry.deviceMinor))
        block.seal()
        return bytes + block.bytes
    }

    private mutating func collectRecords() throws(ArchiveError) {
        for (field, number) in [("major number", entry.deviceMajor), ("minor number", entry.deviceMinor)] {
            guard TarHeaderBlock.Field.deviceMajor.holds(Int64(number)) else {
                throw .unrepresentable(entry: entry.path, field: field)
            }
        }
        for attribute in entry.extendedAttributes {
            // The key ends at the first `=`.
            guard !attribute.name.bytes.contains(UInt8(ascii: "=")) else {
                throw .unrepresentable(entry: entry.path, field: "attribute name `\(attribute.name)`")
            }
            records.add(attribute)
            needsPax = true
        }
        if !Self.fits(target, .linkName) { addRecord("linkpath", target) }
        if !TarHeaderBlock.Field.uid.holds(Int64(entry.uid)) { addRecord("uid", entry.uid.description.utf8) }
        if !TarHeaderBlock.Field.gid.holds(Int64(entry.gid)) { addRecord("gid", entry.gid.description.utf8) }
        if !TarHeaderBlock.Field.size.holds(entry.size) { addRecord("size", entry.size.description.utf8) }
        let time = entry.modified
        if time.nanoseconds != 0 || !TarHeaderBlock.Field.modified.holds(time.seconds) {
            addRecord("mtime", Self.text(time).utf8)
        }
        // Once there is a PAX header, a long name is written there too.
        if !Self.fits(name, .name), needsPax || Self.split(name) == nil { addRecord("path", name) }
    }

    /// Seconds with as many decimals as needed; a time before 1970 in whole seconds.
    private static func text(_ time: FileTime) -> String {
        guard time.nanoseconds != 0, time.seconds >= 0 else { return "\(time.seconds)" }
        let digits = "\(time.nanoseconds)"
        return "\(time.seconds)." + String(repeating: "0", count: 9 - digits.count) + digits
    }

    private mutating func addRecord(_ key: String, _ value: some Sequence<UInt8>) {
        records.add(key, value)
        needsPax = true
    }

    /// The `x` entry `<dir>/PaxHeaders.0/<base>` with its records, padded.
    private func paxHeader() -> [UInt8] {
        let data = records.encoded()
        let path = Path(bytes: name)
        let slash = UInt8(ascii: "/")
        // Like Go's path.Split and path.Join: a directory's base is empty, and what is joined is cleaned.
        let isDirectoryName = name.last == slash
        let directory = isDirectoryName ? path : path.parent
        let base = isDirectoryName ? Path("") : path.lastComponent ?? Path("")
        let joined = Self.cleaned(directory.appending("PaxHeaders.0").appending(base))
        var title = Self.ascii(joined.bytes)[...].prefix(TarHeaderBlock.Field.name.length)
        while title.last == slash { title.removeLast() }
        var block = TarHeaderBlock(typeFlag: UInt8(ascii: "x"))
        block.set(.name, to: title)
        for field in [TarHeaderBlock.Field.mode, .uid, .gid, .modified] { block.set(field, to: 0) }
        block.set(.size, to: Int64(data.count))
        block.seal()
        let padding = TarPadding.count(after: Int64(data.count))
        return block.bytes + data + [UInt8](repeating: 0, count: padding)
    }

    private static func cleaned(_ path: Path) -> Path {
        // Names like `../x` keep their dots in Go; they never come from us.
        path.components.contains("..") ? path : path.lexicallyNormalized()
    }

    private static func fits(_ text: [UInt8], _ field: TarHeaderBlock.Field) -> Bool {
        text.count <= field.length && text.allSatisfy { $0 < 0x80 }
    }

    /// The text without what is not ASCII.
    private static func ascii(_ text: [UInt8]) -> [UInt8] {
        text.allSatisfy { $0 < 0x80 } ? text : text.filter { $0 < 0x80 }
    }

    /// Where a long ASCII name can be cut into `prefix` and `name`; nil for short names and where there is no such slash.
    private static func split(_ name: [UInt8]) -> Int? {
        let nameSize = TarHeaderBlock.Field.name.length
        let prefixSize = TarHeaderBlock.Field.prefix.length
        guard name.count > nameSize, name.allSatisfy({ $0 < 0x80 }) else { return nil }
        var length = name.count
        if length > prefixSize + 1 {
            length = prefixSize + 1
        } else if name.last == UInt8(ascii: "/") {
            length -= 1
        }
        guard let slash = name[..<length].lastIndex(of: UInt8(ascii: "/")), slash > 0 else { return nil }
        let rest = name.count - slash - 1
        return rest > 0 && rest <= nameSize ? slash : nil
    }
}

/// Content is followed by zeros up to a whole block.
enum TarPadding {
    static func count(after size: Int64) -> Int {
        Int(-size & Int64(TarHeaderBlock.size - 1))
    }
}
