import Glibc
import LinuxSystem
import Testing

@testable import Exporters

@Suite struct LocalExporterTests {
    @Test func filesArriveWithModesTimesLinksAndAttributes() throws {
        try ResultTree.with { tree in
            try tree.fill(["dir/file": "text"])
            try tree.result.directory.link("dir/file", to: "hard")
            try tree.result.directory.symlink(target: "/nowhere", at: "soft")
            try tree.result.directory.setPermissions("dir/file", 0o4711)
            try tree.result.directory.setTimes("dir/file", modified: FileTime(seconds: 1_000_000_000, nanoseconds: 7))
            try tree.result.directory.setPermissions("dir", 0o500)
            #expect(try tree.exportLocal("new/out") == 4)
            let place = try Directory.open(tree.place)
            let file = try place.status("new/out/dir/file")
            #expect(file.permissions == 0o4711 && file.links == 2)
            #expect(file.modified == FileTime(seconds: 1_000_000_000, nanoseconds: 7))
            #expect(try place.readLink("new/out/soft") == "/nowhere")
            #expect(try place.status("new/out/dir").permissions == 0o500)
            #expect(try place.status("new").permissions == 0o700)
            try place.setPermissions("new/out/dir", 0o700)
        }
    }

    @Test func oneTimeForEverything() throws {
        try ResultTree.with { tree in
            try tree.fill(["dir/file": "text"])
            _ = try tree.exportLocal(time: FileTime(seconds: 1))
            let place = try Directory.open(tree.place)
            for path: Path in ["dir", "dir/file"] { #expect(try place.status(path).modified.seconds == 1) }
        }
    }

    @Test func directoriesAreMergedAndNothingElseIsTouched() throws {
        try ResultTree.with { tree in
            try tree.fill(["dir/file": "new", "dir/other": "new"])
            let place = try Directory.open(tree.place)
            try place.makeDirectories("dir")
            try place.writeFile("dir/mine", Array("mine".utf8))
            try place.writeFile("dir/file", Array("old".utf8))
            _ = try tree.exportLocal()
            #expect(try tree.names("dir") == ["file", "mine", "other"])
            #expect(try tree.text("dir/file") == "new" && tree.text("dir/mine") == "mine")
            #expect(try tree.names() == ["dir"])
        }
    }

    @Test func aConflictIsFoundBeforeAnythingIsChanged() throws {
        try ResultTree.with { tree in
            try tree.fill(["a": "new", "b/c": "new"])
            let place = try Directory.open(tree.place)
            try place.writeFile("a", Array("old".utf8))
            try place.writeFile("b", Array("a file".utf8))
            #expect(throws: ExportError.conflict(path: "b", existing: "regular file", made: "directory")) {
                _ = try tree.exportLocal()
            }
            #expect(try tree.names() == ["a", "b"])
            #expect(try tree.text("a") == "old")
        }
    }

    @Test func aLinkInTheWayIsReplacedNotFollowed() throws {
        try ResultTree.with { tree in
            try tree.fill(["file": "new"])
            let place = try Directory.open(tree.place)
            try place.writeFile("elsewhere", Array("old".utf8))
            try place.symlink(target: "elsewhere", at: "file")
            _ = try tree.exportLocal()
            #expect(try tree.text("file") == "new" && tree.text("elsewhere") == "old")
        }
    }

    @Test func aDestinationBelowAFileIsRefused() throws {
        try ResultTree.with { tree in
            try tree.fill(["file": ""])
            try Directory.open(tree.place).writeFile("taken", [])
            let error = #expect(throws: ExportError.self) { _ = try tree.exportLocal("taken/out") }
            #expect(error?.description.contains("not a directory") == true)
        }
    }

    @Test func whatAKilledExportLeftIsRemovedAndWhatIsInUseIsNot() throws {
        try ResultTree.with { tree in
            try tree.fill(["file": ""])
            let place = try Directory.open(tree.place)
            for name: Path in [".swbuild-1-1", ".swbuild-2-2"] {
                try place.makeDirectories(name.appending("half"))
            }
            let used = try FileLock.acquire(
                on: place.openDirectory(".swbuild-2-2").descriptor.duplicate(),
                .exclusive
            )
            usleep(3_100_000)
            _ = try tree.exportLocal()
            #expect(try tree.names() == [".swbuild-2-2", "file"])
            withExtendedLifetime(used) {}
        }
    }

    @Test func twoPlatformsInOneDirectoryMustNotOverlap() throws {
        try ResultTree.with { tree in
            try tree.fill(["a/both": "1"])
            let trees = ["linux/amd64", "linux/arm64"].map {
                LocalExporter.Tree(name: nil, platform: $0, root: tree.result)
            }
            let expected = ExportError.overwritten(path: "/a/both", platform: "linux/arm64", earlier: "linux/amd64")
            #expect(throws: expected) {
                _ = try LocalExporter(destination: tree.place).export(trees, cancellation: CancellationFlag()) { _ in }
            }
            #expect(throws: expected) {
                try TarExporter(destination: .path(tree.place.appending("x.tar").string))
                    .export(trees, cancellation: CancellationFlag())
            }
            #expect(try tree.names().isEmpty)
        }
    }

    @Test func aCancelledExportLeavesNothing() throws {
        try ResultTree.with { tree in
            try tree.fill(["file": ""])
            let flag = CancellationFlag()
            flag.cancel()
            #expect(throws: Cancelled.self) {
                try LocalExporter(destination: tree.place)
                    .export([.init(name: nil, root: tree.result)], cancellation: flag) { _ in }
            }
            #expect(try tree.names().isEmpty)
        }
    }
}
