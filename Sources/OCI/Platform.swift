/// An operating system and processor, such as `linux/arm/v7`.
package struct Platform: Hashable, Sendable, Codable, CustomStringConvertible {
    /// The operating system, in Go's words: `linux`, `windows`.
    package var os: String
    /// The processor, in Go's words: `amd64`, `arm64`, `arm`, `386`.
    package var architecture: String
    /// The processor's level: `v7` of arm, `v3` of amd64.
    package var variant: String?
    /// The version of the operating system; only windows has one.
    package var osVersion: String?
    /// What the image needs of the operating system; only windows has any.
    package var osFeatures: [String]

    private enum CodingKeys: String, CodingKey {
        case os
        case architecture
        case variant
        case osVersion = "os.version"
        case osFeatures = "os.features"
    }

    /// Takes the fields as they are, without normalising them.
    package init(
        os: String,
        architecture: String,
        variant: String? = nil,
        osVersion: String? = nil,
        osFeatures: [String] = []
    ) {
        self.os = os
        self.architecture = architecture
        self.variant = variant
        self.osVersion = osVersion
        self.osFeatures = osFeatures
    }

    /// Parses `os`, `arch`, `os/arch` or `os/arch/variant`, and normalises; `local` is the host's platform.
    package init(parsing text: String) throws(PlatformError) {
        if text.lowercased() == "local" {
            self = .host
            return
        }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 3 else { throw .invalidFormat(text) }
        let system = try Self.operatingSystem(parts[0], of: text)
        for part in parts.dropFirst() where part.isEmpty || !part.utf8.allSatisfy(isSpecifierByte) {
            throw .invalidComponent(text, component: part)
        }
        if parts.count > 1 {
            self =
                Platform(
                    os: system.name,
                    architecture: parts[1],
                    variant: parts.count > 2 ? parts[2] : nil,
                    osVersion: system.version
                ).normalized
        } else if knownSystems.contains(normalizedSystem(system.name)) {
            self = .host
            os = normalizedSystem(system.name)
            osVersion = system.version
        } else {
            let platform = Platform(os: Self.host.os, architecture: system.name).normalized
            guard knownArchitectures.contains(platform.architecture) else { throw .unknown(text) }
            self = platform
        }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        os = try container.decodeIfPresent(String.self, forKey: .os) ?? ""
        architecture = try container.decodeIfPresent(String.self, forKey: .architecture) ?? ""
        variant = try container.nonEmpty(String.self, forKey: .variant)
        osVersion = try container.nonEmpty(String.self, forKey: .osVersion)
        osFeatures = try container.decodeIfPresent([String].self, forKey: .osFeatures) ?? []
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(os, forKey: .os)
        try container.encode(architecture, forKey: .architecture)
        try container.encodeIfPresent(variant, forKey: .variant)
        try container.encodeIfPresent(osVersion, forKey: .osVersion)
        if !osFeatures.isEmpty {
            try container.encode(osFeatures, forKey: .osFeatures)
        }
    }

    /// The platform that this program was compiled for.
    package static var host: Platform {
        #if arch(x86_64)
        Platform(os: "linux", architecture: "amd64")
        #elseif arch(arm64)
        Platform(os: "linux", architecture: "arm64")
        #elseif arch(i386)
        Platform(os: "linux", architecture: "386")
        #elseif arch(arm)
        Platform(os: "linux", architecture: "arm", variant: "v7")
        #elseif arch(riscv64)
        Platform(os: "linux", architecture: "riscv64")
        #elseif arch(powerpc64le)
        Platform(os: "linux", architecture: "ppc64le")
        #elseif arch(s390x)
        Platform(os: "linux", architecture: "s390x")
        #endif
    }

    /// The platform in containerd's canonical words: `x86_64` is `amd64`, `arm64/v8` is `arm64`, `arm` is `arm/v7`.
    package var normalized: Platform {
        var result = self
        result.os = normalizedSystem(os)
        (result.architecture, result.variant) = normalizedProcessor(architecture, variant ?? "")
        return result
    }

    /// The platform as `os/arch/variant`, with a windows version as `windows(10.0.17763)/amd64`.
    package var description: String {
        let system = osVersion.map { "\(os)(\($0))" } ?? os
        return "\(system)/\(architecture)" + (variant.map { "/\($0)" } ?? "")
    }

    /// The mark of an entry that is no image, such as an attestation: `unknown/unknown`.
    package var isUnknown: Bool { os == "unknown" && architecture == "unknown" }

    private static func operatingSystem(
        _ part: String,
        of text: String
    ) throws(PlatformError) -> (name: String, version: String?) {
        let pieces = part.split(separator: "(", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(pieces[0])
        var version: String?
        if pieces.count == 2 {
            guard pieces[1].hasSuffix(")") else { throw .invalidComponent(text, component: part) }
            version = String(pieces[1].dropLast())
        }
        guard !name.isEmpty, name.utf8.allSatisfy(isSpecifierByte), (version ?? "").utf8.allSatisfy(isSpecifierByte)
        else { throw .invalidComponent(text, component: part) }
        return (name, version == "" ? nil : version)
    }
}

private let knownSystems: Set<String> = [
    "aix", "android", "darwin", "dragonfly", "freebsd", "hurd", "illumos", "ios", "js", "linux", "nacl", "netbsd",
    "openbsd", "plan9", "solaris", "windows", "zos",
]

private let knownArchitectures: Set<String> = [
    "386", "amd64", "amd64p32", "arm", "armbe", "arm64", "arm64be", "loong64", "mips", "mipsle", "mips64", "mips64le",
    "mips64p32", "mips64p32le", "ppc", "ppc64", "ppc64le", "riscv", "riscv64", "s390", "s390x", "sparc", "sparc64",
    "wasm",
]

private func isSpecifierByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
        true
    default: false
    }
}

private func normalizedSystem(_ name: String) -> String {
    let lower = name.lowercased()
    return lower.isEmpty ? Platform.host.os : lower == "macos" ? "darwin" : lower
}

private func normalizedProcessor(_ architecture: String, _ variant: String) -> (String, String?) {
    let variant = variant.lowercased()
    let plain = variant.isEmpty ? nil : variant
    switch architecture.lowercased() {
    case "i386": return ("386", nil)
    case "x86_64", "x86-64", "amd64": return ("amd64", variant == "v1" ? nil : plain)
    case "aarch64", "arm64": return ("arm64", variant == "8" || variant == "v8" ? nil : plain)
    case "armhf": return ("arm", "v7")
    case "armel": return ("arm", "v6")
    case "arm":
        switch variant {
        case "", "7": return ("arm", "v7")
        case "5", "6", "8": return ("arm", "v" + variant)
        default: return ("arm", plain)
        }
    case let other: return (other, plain)
    }
}
