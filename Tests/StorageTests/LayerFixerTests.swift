import Glibc
import LinuxSystem
import OCI
import Storage
import Testing

@Suite(.enabled(if: isRoot, "mounting needs root"))
struct LayerFixerTests {
    /// A lower layer with a directory of its own metadata, a link to a directory, and a file.
    private func parent(_ cache: CacheDirectory) throws -> Snapshot {
        let active = try cache.snapshots.prepare(parent: .empty)
        let root = try active.upper.duplicate()
        try root.makeDirectories("usr/lib/deep")
        try root.symlink(target: "usr/lib", at: "lib")
        try root.setPermissions("usr/lib", 0o2775)
        try root.setOwner("usr/lib/deep", uid: 7, gid: 8)
        try root.setExtendedAttribute("usr", name: "user.note", value: [1])
        try root.writeFile("usr/file", Array("shared".utf8), mode: 0o640)
        try root.setOwner("usr/file", uid: 9, gid: 9)
        try root.setTimes("usr", modified: FileTime(seconds: 1000))
        return try cache.snapshots.commit(active)
    }

    private func complete(
        _ cache: CacheDirectory,
        files: [Path],
        implied: [Path] = [],
        links: [LayerFixer.MissingLink] = [],
        _ check: (borrowing Directory) throws -> Void
    ) throws {
        let parent = try parent(cache)
        let active = try cache.snapshots.prepare(parent: parent)
        for path in files {
            try active.upper.makeDirectories(path.parent)
            try active.upper.writeFile(path, Array("new".utf8))
        }
        try LayerFixer.complete(
            active,
            parent: cache.snapshots.mountReadOnly(parent),
            impliedDirectories: implied,
            missingLinks: links
        )
        try check(active.upper)
        let mount = try cache.snapshots.mountReadOnly(cache.snapshots.commit(active))
        #expect(try mount.root.readLink("lib") == "usr/lib")
    }

    @Test func impliedDirectoriesLookAsBelow() async throws {
        try await withCache { cache throws in
            try complete(
                cache,
                files: ["usr/lib/deep/x", "fresh/y"],
                implied: ["usr", "usr/lib", "usr/lib/deep", "fresh"]
            ) { upper throws in
                #expect(try upper.status("usr/lib").permissions == 0o2775)
                #expect(try upper.status("usr/lib/deep").uid == 7)
                #expect(try upper.extendedAttribute("usr", name: "user.note") == [1])
                #expect(try upper.status("usr").modified == FileTime(seconds: 1000))
                #expect(try upper.status("fresh").permissions == 0o755)
            }
        }
    }

    @Test func directoriesThatAreLinksBelowAreFollowed() async throws {
        try await withCache { cache throws in
            try complete(cache, files: ["lib/deep/x", "lib/y"], implied: ["lib", "lib/deep"]) { upper throws in
                #expect(try upper.statusIfExists("lib") == nil)
                #expect(try upper.status("usr/lib/deep/x").kind == .regular)
                #expect(try upper.status("usr/lib/y").kind == .regular)
                #expect(try upper.status("usr/lib/deep").uid == 7)
                #expect(try upper.status("usr/lib").permissions == 0o2775)
            }
        }
    }

    @Test func missingLinksCopyTheirTargetUp() async throws {
        try await withCache { cache throws in
            let links = [
                LayerFixer.MissingLink(path: "usr/again", target: "usr/file"),
                LayerFixer.MissingLink(path: "lib/third", target: "usr/file"),
            ]
            try complete(cache, files: [], links: links) { upper throws in
                let status = try upper.status("usr/again")
                #expect(status.links == 3 && status.uid == 9 && status.permissions == 0o640)
                #expect(try upper.status("usr/file").inode == status.inode)
                #expect(try upper.status("usr/lib/third").inode == status.inode)
                #expect(try upper.readFile("usr/again") == Array("shared".utf8))
            }
            #expect(throws: SystemError.self) {
                try complete(cache, files: [], links: [.init(path: "a", target: "nowhere")]) { _ in }
            }
        }
    }
}
