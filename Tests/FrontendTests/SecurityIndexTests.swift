import Testing

/// `testdata/security.txt` names a test for every incident of spec/15.
@Suite
struct SecurityIndexTests {
    /// One incident of each row; those of what isn't built yet are left out: provenance, traces, and labels that are
    /// commands.
    private static let incidents: Set = [
        "CVE-2024-23651", "CVE-2024-23652", "CVE-2024-23653", "CVE-2024-1753", "CVE-2024-9407", "CVE-2024-9675",
        "CVE-2024-11218", "CVE-2026-44517", "CVE-2022-4122", "CVE-2025-4953", "CVE-2021-30465", "CVE-2026-41579",
        "CVE-2025-31133", "CVE-2024-45310", "GHSA-vp35-85q5-9f25", "CVE-2024-21626", "CVE-2021-3602",
        "CVE-2026-57231", "CVE-2022-27651", "CVE-2022-36109", "CVE-2024-40635", "CVE-2026-47262", "CVE-2019-5736",
        "kaniko-2153", "CVE-2026-31431", "CVE-2026-28406", "CVE-2026-42574", "CVE-2026-50163", "CVE-2021-29136",
        "CVE-2021-32760", "CVE-2020-10696", "CVE-2017-14992", "CVE-2021-20291", "CVE-2026-33748", "CVE-2026-33747",
        "CVE-2019-13139", "CVE-2022-39253", "CVE-2026-41506", "CVE-2018-15664", "CVE-2024-23650", "CVE-2020-15157",
        "CVE-2021-41092", "CVE-2019-10214", "CVE-2024-3727", "CVE-2021-41190", "CVE-2026-42575", "CVE-2024-24557",
        "CVE-2023-26054", "CVE-2019-14271",
    ]

    private let index: TestIndex

    init() throws {
        index = try TestIndex("security.txt")
    }

    @Test
    func `every incident has a place`() {
        #expect(index.keys == Self.incidents)
    }

    @Test
    func `the places exist`() throws {
        try index.expectPlacesExist()
    }
}
