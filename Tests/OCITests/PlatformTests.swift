import OCI
import Testing

@Suite("platforms")
struct PlatformTests {
    @Test(
        "platforms are read and normalised",
        arguments: [
            ("linux/amd64", "linux/amd64"), ("linux/x86_64", "linux/amd64"), ("linux/amd64/v1", "linux/amd64"),
            ("linux/amd64/v2", "linux/amd64/v2"), ("linux/arm64", "linux/arm64"), ("linux/arm64/v8", "linux/arm64"),
            ("linux/aarch64", "linux/arm64"), ("linux/arm", "linux/arm/v7"), ("linux/arm/7", "linux/arm/v7"),
            ("linux/arm/v6", "linux/arm/v6"), ("linux/armel", "linux/arm/v6"), ("linux/i386", "linux/386"),
            ("arm64", "linux/arm64"), ("armhf", "linux/arm/v7"), ("Linux/AMD64", "linux/amd64"),
            ("windows/amd64", "windows/amd64"), ("windows(10.0.17763)/amd64", "windows(10.0.17763)/amd64"),
            ("macos/arm64", "darwin/arm64"), ("linux/madeup", "linux/madeup"),
        ]
    )
    func parsed(text: String, expected: String) throws {
        #expect(try Platform(parsing: text).description == expected)
    }

    @Test("the host is meant by its system's name and by local", arguments: ["linux", "local", "Local"])
    func host(text: String) throws {
        #expect(try Platform(parsing: text) == Platform.host)
    }

    @Test(
        "what is not a platform is refused",
        arguments: [
            "", "*", "linux/", "/amd64", "a/b/c/d", "linux/am d", "nonsense", "windows(10/amd64", "linux/amd64/",
        ]
    )
    func refused(text: String) {
        #expect(throws: PlatformError.self) { try Platform(parsing: text) }
    }

    @Test(
        "candidates are ordered as containerd orders them",
        arguments: [
            ("linux/amd64", ["linux/amd64", "linux/386"]),
            ("linux/amd64/v3", ["linux/amd64/v3", "linux/amd64/v2", "linux/amd64", "linux/386"]),
            ("linux/arm/v7", ["linux/arm/v7", "linux/arm/v6", "linux/arm/v5"]),
            ("linux/arm64", ["linux/arm64", "linux/arm/v8", "linux/arm/v7", "linux/arm/v6", "linux/arm/v5"]),
            ("linux/riscv64", ["linux/riscv64"]),
        ]
    )
    func candidates(text: String, expected: [String]) throws {
        #expect(try Platform(parsing: text).candidates.map(\.description) == expected)
    }

    @Test("arm64/v9 accepts v8.5 and below")
    func arm64Minors() throws {
        let platform = try Platform(parsing: "linux/arm64/v9.1")
        let expected = ["v9.1", "v9", "v8.6", "v8.5", "v8.4", "v8.3", "v8.2", "v8.1"].map { "linux/arm64/\($0)" }
        #expect(platform.candidates.map(\.description).prefix(9) == expected[...] + ["linux/arm64"])
    }

    @Test("an index offers the best entry first and hides attestations")
    func selection() throws {
        func entry(_ platform: Platform?, _ name: String) -> Descriptor {
            Descriptor(mediaType: MediaType.ociManifest, digest: .sha256(of: name), size: 1, platform: platform)
        }
        let index = Index(manifests: [
            entry(nil, "none"),
            entry(Platform(os: "unknown", architecture: "unknown"), "attestation"),
            entry(Platform(os: "linux", architecture: "arm", variant: "v6"), "six"),
            entry(Platform(os: "linux", architecture: "arm", variant: "v7"), "seven"),
            entry(Platform(os: "linux", architecture: "amd64"), "amd"),
        ])
        let chosen = index.manifests(matching: try Platform(parsing: "linux/arm"))
        #expect(chosen.map(\.digest) == ["seven", "six", "none"].map { Digest.sha256(of: $0) })
    }

    @Test("windows builds match by three numbers")
    func windows() throws {
        let wanted = try Platform(parsing: "windows(10.0.17763.1)/amd64")
        #expect(wanted.matches(Platform(os: "windows", architecture: "amd64", osVersion: "10.0.17763.9")))
        #expect(!wanted.matches(Platform(os: "windows", architecture: "amd64", osVersion: "10.0.20348.9")))
        #expect(wanted.matches(Platform(os: "windows", architecture: "amd64")))
    }
}
