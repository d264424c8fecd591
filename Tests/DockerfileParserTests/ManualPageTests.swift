import Testing

@testable import DockerfileParser

/// The hand-written page on the language has everything that the parser knows.
@Suite struct ManualPageTests {
    private static let page = TestData("../man").read("swbuild-dockerfile.5", of: ".").map {
        String(decoding: $0, as: UTF8.self)
    }

    @Test(arguments: InstructionKeyword.allCases.map(\.rawValue)) func hasTheInstruction(_ name: String) throws {
        let lines = try #require(Self.page).split(separator: "\n")
        #expect(lines.contains { $0.hasPrefix(".It Ic \(name)") || $0.hasPrefix(".It Ic CMD") && $0.contains(name) })
    }

    @Test(arguments: MountOptions.Kind.allCases) func hasTheMount(_ kind: MountOptions.Kind) throws {
        #expect(try #require(Self.page).contains(".It Li \(kind.rawValue)\n"))
    }
}
