import Glibc
import LinuxSystem
import Testing

@testable import Operations

/// Names with symbolic links, worked out inside a root.
@Suite struct LinkResolverTests {
    @Test(
        arguments: [
            ("plain", "plain"), ("/dir/file", "dir/file"), ("dir/../plain", "plain"), ("../../plain", "plain"),
            ("relative/file", "dir/file"), ("absolute/file", "dir/file"), ("up/plain", "plain"), ("chain", "plain"),
        ]
    )
    func resolves(path: String, expected: String) throws {
        try Trees.with { trees in
            try trees.fill(["plain": "", "dir/file": ""])
            for (name, target): (Path, Path) in [
                ("relative", "dir"), ("absolute", "/dir"), ("up", "../../.."), ("chain", "chain2"),
                ("chain2", "/plain"),
            ] {
                try trees.source.directory.symlink(target: target, at: name)
            }
            #expect(
                try LinkResolver.resolve(Path(path), in: trees.source.directory, followLast: true) == Path(expected)
            )
        }
    }

    @Test func theLastLinkIsFollowedOnlyWhenAsked() throws {
        try Trees.with { trees in
            try trees.fill(["plain": ""])
            try trees.source.directory.symlink(target: "plain", at: "link")
            #expect(try LinkResolver.resolve("link", in: trees.source.directory, followLast: false) == "link")
        }
    }

    @Test func loopsAndMissingNamesAreErrors() throws {
        try Trees.with { trees in
            try trees.source.directory.symlink(target: "b", at: "a")
            try trees.source.directory.symlink(target: "a", at: "b")
            let loop = #expect(throws: SystemError.self) {
                try LinkResolver.resolve("a", in: trees.source.directory, followLast: true)
            }
            #expect(loop?.code == ELOOP)
            let missing = #expect(throws: SystemError.self) {
                try LinkResolver.resolve("no/file", in: trees.source.directory, followLast: true)
            }
            #expect(missing?.code == ENOENT)
            let last = try LinkResolver.resolve(
                "new",
                in: trees.source.directory,
                followLast: true,
                mayBeMissing: .last
            )
            #expect(last == "new")
        }
    }
}
