import OCI
import Testing

@Suite("image references")
struct ImageReferenceTests {
    static let hex = String(repeating: "ab", count: 32)

    @Test(
        "names are completed as docker completes them",
        arguments: [
            ("alpine", "docker.io/library/alpine", "alpine"),
            ("alpine:3.20", "docker.io/library/alpine:3.20", "alpine:3.20"),
            ("docker.io/alpine", "docker.io/library/alpine", "alpine"),
            ("docker.io/library/alpine:a", "docker.io/library/alpine:a", "alpine:a"),
            ("index.docker.io/alpine", "docker.io/library/alpine", "alpine"),
            ("user/app", "docker.io/user/app", "user/app"),
            ("library/a/b", "docker.io/library/a/b", "library/a/b"),
            ("localhost/app", "localhost/app", "localhost/app"),
            ("localhost:5000/app:1", "localhost:5000/app:1", "localhost:5000/app:1"),
            ("ghcr.io/o/a__b-c--d.e", "ghcr.io/o/a__b-c--d.e", "ghcr.io/o/a__b-c--d.e"),
            ("Host/app", "Host/app", "Host/app"),
            ("[::1]:5000/app", "[::1]:5000/app", "[::1]:5000/app"),
            ("a@sha256:\(hex)", "docker.io/library/a@sha256:\(hex)", "a@sha256:\(hex)"),
            ("r.io/a:t@sha256:\(hex)", "r.io/a:t@sha256:\(hex)", "r.io/a:t@sha256:\(hex)"),
        ]
    )
    func normalised(text: String, full: String, familiar: String) throws {
        let reference = try ImageReference(parsing: text)
        #expect(reference.description == full)
        #expect(reference.familiar == familiar)
        #expect(try ImageReference(parsing: full) == reference)
    }

    @Test(
        "what the grammar does not allow is refused",
        arguments: [
            ("", "invalid reference format: repository name must have at least one component"),
            ("A:B", "invalid reference format: repository name (library/A) must be lowercase"),
            ("r.io/App", "invalid reference format: repository name (App) must be lowercase"),
            (hex, "invalid repository name (\(hex)), cannot specify 64-byte hexadecimal strings"),
            ("a b", "invalid reference format"), ("a//b", "invalid reference format"),
            ("a:", "invalid reference format"), ("a:-x", "invalid reference format"),
            ("a@", "invalid reference format"), ("a@sha256:abcd", "invalid reference format"),
            ("-a", "invalid reference format"), ("a-", "invalid reference format"),
            ("a..b", "invalid reference format"), ("a___b", "invalid reference format"),
            ("a._b", "invalid reference format"), ("r.io:x/a", "invalid reference format"),
            ("-r.io/a", "invalid reference format"), ("r..io/a", "invalid reference format"),
            ("/a", "invalid reference format"), ("r.io/", "invalid reference format"),
            ("a\u{e9}", "invalid reference format"), ("https://r.io/a", "invalid reference format"),
            ("a:" + String(repeating: "t", count: 129), "invalid reference format"),
            (
                String(repeating: "n", count: 256),
                "invalid reference format: repository name must not be more than 255 characters"
            ),
        ]
    )
    func refused(text: String, message: String) {
        let error = #expect(throws: ReferenceError.self) { try ImageReference(parsing: text) }
        #expect(error?.description == message)
    }

    @Test("a digest of the wrong length is refused with its reason")
    func digestLength() {
        let error = #expect(throws: ReferenceError.self) {
            try ImageReference(parsing: "a@sha256:" + String(repeating: "a", count: 40))
        }
        #expect(error?.description.contains("invalid checksum digest length") == true)
    }

    @Test("tags and digests are added and replaced")
    func derived() throws {
        let reference = try ImageReference(parsing: "alpine")
        #expect(reference.withDefaultTag().description == "docker.io/library/alpine:latest")
        #expect(reference.registryHost == "registry-1.docker.io")
        let pinned = reference.withDigest(.sha256(of: ""))
        #expect(pinned.withDefaultTag() == pinned)
        #expect(pinned.withTag("x").description == "docker.io/library/alpine:x")
        #expect(try ImageReference(parsing: "r.io/a").registryHost == "r.io")
    }
}
