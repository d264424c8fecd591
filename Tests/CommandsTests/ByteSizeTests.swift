import Testing

@testable import Commands

@Suite("Sizes with units")
struct ByteSizeTests {
    @Test(
        "units are powers of 1024",
        arguments: [
            ("0", 0), ("100", 100), ("64m", 64 << 20), ("64MB", 64 << 20), ("1.5g", 3 << 29), ("1KiB", 1024), ("x", nil),
            ("-1", nil), ("", nil), ("1q", nil),
        ] as [(String, Int64?)])
    func parses(text: String, size: Int64?) {
        #expect(ByteSize.parse(text) == size)
    }
}
