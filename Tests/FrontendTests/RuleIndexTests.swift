import Testing

/// `testdata/rules.txt` names a test for every subtle rule of spec/12.
@Suite
struct RuleIndexTests {
    private static let rules = 1...35

    private let index: TestIndex

    init() throws {
        index = try TestIndex("rules.txt")
    }

    @Test
    func `every rule has a place`() {
        #expect(index.keys == Set(Self.rules.map { String($0) }))
    }

    @Test
    func `the places exist`() throws {
        try index.expectPlacesExist()
    }
}
