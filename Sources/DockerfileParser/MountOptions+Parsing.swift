extension MountOptions {
    /// Parses a `--mount` and fills in the defaults of its kind; `expand` is applied to each value.
    ///
    /// Throws a ``ParseError`` without range, or what `expand` throws.
    package init(parsing text: String, expanding expand: (String) throws -> String = { $0 }) throws {
        self.init()
        var readOnlyAsGiven: Bool?
        for field in try Self.fields(of: text) {
            guard let (key, value) = field.cut(at: "=") else {
                try readBareKey(field, readOnly: &readOnlyAsGiven)
                continue
            }
            try read(key.lowercased(), try expand(value), field: field, readOnly: &readOnlyAsGiven)
        }
        readOnly = readOnlyAsGiven ?? (kind != .cache && kind != .tmpfs)
        try validate()
    }

    /// Checks what can be told before expansion: the form, and that `from` has no variable.
    static func check(_ text: String) throws(ParseError) {
        for field in try fields(of: text) {
            guard let (key, value) = field.cut(at: "="), key.lowercased() == "from" else { continue }
            if value.utf8.dropLast().contains(ASCII.dollar) {
                throw ParseError("'from' doesn't support variable expansion, define alias stage instead")
            }
        }
    }

    private static func fields(of text: String) throws(ParseError) -> [String] {
        do throws(ParseError) {
            return try CSVRecord.fields(of: text)
        } catch {
            throw ParseError("failed to parse csv mounts: \(error.message)")
        }
    }

    private mutating func readBareKey(_ field: String, readOnly: inout Bool?) throws(ParseError) {
        let key = field.lowercased()
        switch key {
        case "readonly", "ro": readOnly = true
        case "readwrite", "rw": readOnly = false
        case "required":
            try requireKind(kind == .secret || kind == .ssh, for: key)
            required = true
        default: throw ParseError("invalid field '\(field)' must be a key=value pair", culprit: field)
        }
    }

    private mutating func read(
        _ key: String,
        _ value: String,
        field: String,
        readOnly: inout Bool?
    ) throws(ParseError) {
        switch key {
        case "type": kind = try Self.choice(value, "unsupported mount type")
        case "from": from = value.isEmpty ? nil : value
        case "source", "src": source = value.isEmpty ? nil : value
        case "target", "dst", "destination": target = value.isEmpty ? nil : value
        case "readonly", "ro": readOnly = try Self.flag(value, key)
        case "readwrite", "rw": readOnly = !(try Self.flag(value, key))
        case "required":
            try requireKind(kind == .secret || kind == .ssh, for: key)
            required = try Self.flag(value, key)
        case "size":
            try requireKind(kind == .tmpfs, for: key)
            guard let bytes = ByteSize.parse(value) else { throw ParseError("invalid value for \(key): \(value)") }
            size = bytes == 0 ? nil : bytes
        case "id": id = value.isEmpty ? nil : value
        case "sharing": sharing = try Self.choice(value, "unsupported sharing value")
        case "mode": mode = try Self.number(value, radix: 8, key)
        case "uid": uid = try Self.number(value, radix: 10, key)
        case "gid": gid = try Self.number(value, radix: 10, key)
        case "env": environmentName = value.isEmpty ? nil : value
        default:
            let near = Suggestion.nearest(to: key, among: Self.keys)
            throw ParseError("unexpected key '\(key)' in '\(field)'", suggestion: near, culprit: field)
        }
    }

    private static let keys = [
        "type", "from", "source", "target", "readonly", "id", "sharing", "required", "size", "mode", "uid", "gid",
        "src", "dst", "destination", "ro", "rw", "readwrite", "env",
    ]

    private func requireKind(_ holds: Bool, for key: String) throws(ParseError) {
        if !holds { throw ParseError("unexpected key '\(key)' for mount type '\(kind.rawValue)'", culprit: key) }
    }

    private static func choice<Choice: CaseIterable & RawRepresentable<String>>(
        _ value: String,
        _ complaint: String
    ) throws(ParseError) -> Choice {
        if let choice = Choice(rawValue: value.lowercased()) { return choice }
        let near = Suggestion.nearest(to: value, among: Choice.allCases.map(\.rawValue))
        throw ParseError("\(complaint) \(value.goQuoted)", suggestion: near, culprit: value)
    }

    private static func flag(_ value: String, _ key: String) throws(ParseError) -> Bool {
        guard let flag = value.goBool else { throw ParseError("invalid value for \(key): \(value)") }
        return flag
    }

    private static func number(_ value: String, radix: Int, _ key: String) throws(ParseError) -> UInt32 {
        guard value.utf8.allSatisfy(ASCII.isDigit), let number = UInt32(value, radix: radix) else {
            throw ParseError("invalid value \(value) for \(key)")
        }
        return number
    }

    private func validate() throws(ParseError) {
        if kind == .bind || kind == .tmpfs {
            for (key, isGiven) in [("mode", mode != nil), ("uid", uid != nil), ("gid", gid != nil)] where isGiven {
                throw ParseError("\(key) not allowed for \(kind.rawValue.goQuoted) type mounts")
            }
        }
        if kind == .secret {
            if from != nil { throw ParseError("secret mount should not have a from") }
            if sharing != nil { throw ParseError("secret mount should not define sharing") }
            guard source != nil || target != nil || id != nil else {
                throw ParseError("invalid secret mount. one of source, target required")
            }
            if source != nil && id != nil { throw ParseError("both source and id can't be set") }
        }
        if sharing != nil && kind != .cache {
            throw ParseError("invalid cache sharing set for \(kind.rawValue) mount")
        }
    }
}
