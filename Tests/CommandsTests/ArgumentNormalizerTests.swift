import Testing

@testable import Commands

@Suite("Flags as docker writes them")
struct ArgumentNormalizerTests {
    @Test(
        "boolean values of flags become the flag, or nothing",
        arguments: [
            (["--no-cache=true", "."], ["--no-cache", "."]),
            (["--no-cache=0", "."], ["."]),
            (["--push=maybe"], ["--push=maybe"]),
            (["--target=true"], ["--target=true"]),
            (["--", "--no-cache=true"], ["--", "--no-cache=true"]),
        ]
    )
    func normalizes(arguments: [String], expected: [String]) {
        #expect(ArgumentNormalizer.normalize(arguments) == expected)
    }
}
