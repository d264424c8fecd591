import Testing

/// `testdata/rules.txt` names a test for every subtle rule of spec/12.
@Suite
struct RuleIndexTests {
    /// How many rules there are, and those of what isn't built yet: manifests of a remote cache.
    private static let rules = Set(1...35).subtracting([30])

    private let index: TestIndex

    init() throws {
        index = try TestIndex("rules.txt")
    }

    @Test
    func `every rule has a place`() {
        #expect(index.keys == Set(Self.rules.map(String.init)))
    }

    @Test
    func `the places exist`() throws {
        try index.expectPlacesExist()
    }
}
