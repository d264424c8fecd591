import OCI

extension OutputSpecification {
    /// Understands the value of one `-o`: `DIR`, `-`, or CSV with `type=`.
    ///
    /// Only the text is looked at; ``validate(_:standardOutputIsTerminal:)`` looks at the world.
    package init(parsing text: String) throws(OptionError) {
        let fields = try CSVFields(text)
        if fields.fields.count == 1, let field = fields.fields.first, !field.hasPrefix("type=") {
            self =
                field == "-"
                ? Self(kind: .tar, destination: .standardOutput) : Self(kind: .local, destination: .path(field))
            return
        }
        var pairs = fields.pairs
        guard let typeIndex = pairs.firstIndex(where: { $0.key == "type" }), let type = pairs[typeIndex].value else {
            throw .missingType(text)
        }
        pairs.remove(at: typeIndex)
        self = try Self.base(type)
        for (key, value) in pairs {
            try set(key, value ?? "", type: type)
        }
        try settleDestination(type: type)
    }

    private static func base(_ type: String) throws(OptionError) -> Self {
        if type == "registry" {
            var output = Self(kind: .image, destination: .none)
            output.image.push = true
            return output
        }
        guard let kind = Kind(rawValue: type) else { throw .unknownOutputType(type) }
        return Self(kind: kind, destination: .none)
    }

    private mutating func set(_ key: String, _ value: String, type: String) throws(OptionError) {
        switch key {
        case "dest": destination = value == "-" ? .standardOutput : .path(value)
        case "tar": isTar = try Self.boolean(key, value)
        case "source-date-epoch": sourceDateEpoch = try Self.epoch(value)
        case "platform-split": platformSplit = try Self.boolean(key, value)
        case "mode" where kind == .local:
            guard value == "copy" || value.isEmpty else {
                throw .unsupported(option: "mode=\(value)", reason: "only `mode=copy` is, which deletes nothing")
            }
        default:
            guard kind == .oci || kind == .docker || kind == .image, try image.set(key, value) else {
                throw .unknownOutputKey(type: type, key: key)
            }
        }
    }

    private mutating func settleDestination(type: String) throws(OptionError) {
        switch kind {
        case .local:
            if destination == .none { throw .missingDestination(type: type) }
            if destination == .standardOutput { throw .localToStandardOutput }
        case .tar, .oci:
            if destination == .none { destination = .standardOutput }
        case .docker:
            if destination == .none {
                throw .unsupported(
                    option: "type=docker without dest",
                    reason: "there is no engine to load into; use `dest=FILE`"
                )
            }
        case .image:
            guard image.push else {
                throw .unsupported(
                    option: "type=image without push=true",
                    reason: "there is no image store; use `type=oci,dest=FILE`"
                )
            }
        case .cacheonly: break
        }
        if !isTar, destination == .standardOutput { throw .missingDestination(type: type) }
    }

    /// Seconds since 1970; empty is no epoch, whatever the build's is.
    private static func epoch(_ value: String) throws(OptionError) -> Epoch {
        if value.isEmpty { return .none }
        guard let seconds = Int64(value), seconds >= 0 else {
            throw .invalidValue(option: "source-date-epoch", value: value, reason: "seconds since 1970 are expected")
        }
        return .seconds(seconds)
    }

    /// Go's `strconv.ParseBool`, where an empty value means true.
    static func boolean(_ key: String, _ value: String) throws(OptionError) -> Bool {
        switch value {
        case "", "1", "t", "T", "true", "TRUE", "True": true
        case "0", "f", "F", "false", "FALSE", "False": false
        default: throw .notABoolean(key: key, value: value)
        }
    }
}

extension ImageAttributes {
    /// Sets the attribute of a name; gives whether there is one of that name.
    mutating func set(_ key: String, _ value: String) throws(OptionError) -> Bool {
        switch key {
        case "name": names += value.split(separator: ",").map(String.init)
        case "push": push = try OutputSpecification.boolean(key, value)
        case "registry.insecure": insecureRegistry = try OutputSpecification.boolean(key, value)
        case "oci-mediatypes": ociMediaTypes = try OutputSpecification.boolean(key, value)
        case "force-compression": forceCompression = try OutputSpecification.boolean(key, value)
        case "rewrite-timestamp": rewriteTimestamp = try OutputSpecification.boolean(key, value)
        case "unpack", "store": _ = try OutputSpecification.boolean(key, value)
        case "compression":
            guard let compression = LayerCompression(rawValue: value) else { throw .unsupportedCompression(value) }
            self.compression = compression
        case "compression-level":
            guard let level = Int(value), (0...22).contains(level) else { throw .invalidLevel(value) }
            compressionLevel = level
        case _ where key.hasPrefix("annotation."):
            annotations[String(key.dropFirst("annotation.".count))] = value
        default: return false
        }
        return true
    }
}
