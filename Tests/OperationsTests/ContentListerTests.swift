import BuildGraph
import LinuxSystem
import OCI
import Storage
import Testing

@testable import Operations

/// A listing is of what was digested, and changes nothing about the digest.
@Suite struct ContentListerTests {
    @Test func listsWhatIsDigested() throws {
        try Trees.with { trees in
            try trees.fill(["a": "1", "d/b": "22", "d/hidden": "3", "other/x": "4"])
            try trees.source.directory.symlink(target: "b", at: "d/l")
            let cache = try CacheDirectory.open(
                try trees.target.directory.currentPath().appending("cache"),
                snapshots: .plain
            )
            let tree = try trees.tree(ignoring: ["**/hidden"])
            var contents = ContentSelector(path: "/d")
            contents.contentsOnly = true
            let selectors = [ContentSelector(path: "/a"), contents]
            let digester = ContentDigester(tree: tree, cancellation: CancellationFlag())
            let plain = try digester.digest(of: selectors).digest
            let lister = try #require(ContentLister(cache.history.listings))
            var listing = digester
            listing.lister = lister
            #expect(try listing.digest(of: selectors).digest == plain)
            lister.finish(plain)
            var entries: [String] = []
            let isWhole = try cache.history.listings.read(plain) { entry in
                entries.append("\(entry.path) \(entry.kind) \(entry.size)")
                if entry.path == "d/l" { #expect(entry.content == Array("b".utf8)) }
                if entry.path == "a" { #expect(entry.content == Self.hash(of: "1")) }
            }
            #expect(isWhole)
            #expect(entries == ["a regular 1", "d/b regular 2", "d/l symlink 0"])
        }
    }

    private static func hash(of text: String) -> [UInt8] {
        var hasher = DigestHasher()
        hasher.update(Array(text.utf8))
        return Array(hasher.finalizeBytes().prefix(ContentEntry.digestSize))
    }
}
