import OCI
import Testing

@Suite("digests")
struct DigestTests {
    static let empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    @Test("a digest is read and written unchanged")
    func roundTrip() throws {
        let digest = try Digest(Self.empty)
        #expect(digest.algorithm == .sha256)
        #expect(digest.hex.utf8.count == 64)
        #expect(digest.description == Self.empty)
        #expect(try Digest("sha512:" + String(repeating: "0f", count: 64)).algorithm == .sha512)
    }

    @Test(
        "what is not exactly a digest is refused",
        arguments: [
            "", "sha256", "sha256:", "sha256:abc", "md5:d41d8cd98f00b204e9800998ecf8427e",
            "SHA256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "sha256:E3B0C44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8555",
            "sha256:../../../../../../../../../../../../../../../../../../../../../etc",
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85\n",
        ]
    )
    func refused(text: String) {
        #expect(throws: DigestError.self) { try Digest(text) }
    }

    @Test("pieces give the digest of the whole")
    func incremental() {
        var hasher = DigestHasher()
        #expect(hasher.finalize().description == Self.empty)
        hasher.update("ab")
        hasher.update([UInt8(ascii: "c")])
        #expect(hasher.finalize() == Digest.sha256(of: "abc"))
        #expect(hasher.finalize() == Digest.sha256(of: "abc".utf8))
        #expect(
            hasher.finalize().hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
        var long = DigestHasher(.sha384)
        long.update("abc")
        #expect(long.finalize().hex.hasPrefix("cb00753f45a35e8bb5a03d699ac65007"))
    }

    @Test("digests are ordered as text")
    func order() throws {
        let digests = [Digest.sha256(of: "a"), .sha256(of: "b"), .sha256(of: "c")]
        #expect(digests.sorted().map(\.description) == digests.map(\.description).sorted())
    }
}
