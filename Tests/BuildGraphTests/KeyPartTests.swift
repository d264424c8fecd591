import BuildGraph
import OCI
import Testing

/// The parts of a key tell what made it another one.
struct KeyPartTests {
    @Test("what changes the identity of a process changes a part", arguments: CacheIdentityTests.execChanges)
    func execChanges(_ change: CacheIdentityTests.Change<ExecOperation>) {
        let before = Sample.exec()
        let after = Sample.exec(change.apply)
        #expect(before.cacheIdentity != after.cacheIdentity)
        #expect(before.keyParts != after.keyParts)
    }

    @Test("what does not count is no part", arguments: CacheIdentityTests.equalExecs)
    func equalExecs(_ pair: CacheIdentityTests.Pair) {
        #expect(Sample.exec(pair.one).keyParts == Sample.exec(pair.other).keyParts)
    }

    @Test func variablesAreNamed() {
        let parts = Sample.exec { $0.environment = ["A=1=2", "EMPTY="] }.keyParts.filter { $0.kind == .environment }
        #expect(parts.map(\.name) == ["A", "EMPTY"])
        #expect(parts.map(\.value) == ["1=2", ""])
    }

    @Test func copiesTellWhatCountsOfThem() {
        let plain = Sample.copy().keyParts
        #expect(plain.map(\.name) == ["name of the source", "destination"])
        #expect(plain.map(\.value) == ["a.txt", "/dst/"])
        let owned = Sample.copy { copy in
            copy.mode = .absolute(0o750)
            copy.owner = Owner(user: .id(7), group: .name("staff", input: 0))
        }
        #expect(owned.keyParts.dropFirst(2).map(\.value) == ["750", "7:staff"])
        // Elsewhere, the same file: the digest of what is copied says the rest.
        #expect(Sample.copy { $0.source = "/other/a.txt" }.keyParts == plain)
    }

    @Test func imagesAreTheirManifests() throws {
        let parts = Sample.vertex(try Sample.image("alpine:3")).keyParts
        #expect(parts.first?.kind == .image)
        #expect(parts.first?.name == "docker.io/library/alpine:3")
        #expect(parts.first?.value == "\(Sample.manifest)")
    }

    @Test(
        arguments: [
            ("no address", []), ("https://user:pass@host/x and ssh://git@host", ["user:pass"]),
            ("git+ssh://me:pw@h/a http://tok@h", ["me:pw", "tok"]),
        ] as [(String, [String])]
    )
    func credentials(_ text: String, _ expected: [String]) {
        #expect(text.urlCredentials == expected)
    }
}
