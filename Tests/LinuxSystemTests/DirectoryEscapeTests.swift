import Glibc
import LinuxSystem
import Testing

/// Hostile trees: nothing in them may lead outside of the directory they are in.
struct DirectoryEscapeTests {
    /// A tree whose links all try to reach `secret`, which is next to `root`.
    private func withTrap(_ body: (borrowing Directory, borrowing Directory) throws -> Void) throws {
        try withTemporaryDirectory { outside, path in
            try outside.write("secret", to: "secret")
            try outside.makeDirectory("root")
            let root = try outside.openDirectory("root")
            try root.symlink(target: path, at: "absolute")
            try root.symlink(target: "..", at: "up")
            try root.symlink(target: "../../../../../../../..", at: "farup")
            try root.symlink(target: "/proc/self/root", at: "magic")
            try root.symlink(target: path.appending("secret"), at: "file")
            try root.symlink(target: "../secret", at: "relative")
            try root.symlink(target: "loop", at: "loop")
            try body(root, outside)
        }
    }

    @Test(arguments: [
        "absolute/secret", "up/secret", "../secret", "/../secret", "file", "relative", "farup/etc/passwd",
        "magic/etc/passwd", "up/up/up/secret", "absolute/../secret", "/proc/self/root/etc/passwd",
    ])
    func readingThroughLinksStaysInside(_ path: String) throws {
        try withTrap { root, _ throws in
            for resolution in [Directory.Resolution.inRoot, .beneath, .noSymlinks] {
                #expect(throws: SystemError.self) { _ = try root.openFile(Path(path), .readOnly, resolution) }
                #expect(throws: SystemError.self) { _ = try root.status(Path(path), followSymlink: true, resolution) }
            }
        }
    }

    @Test(arguments: ["up/new", "absolute/new", "../new", "relative/../new", "farup/new", "file/../new"])
    func makingThroughLinksStaysInside(_ path: String) throws {
        try withTrap { root, outside throws in
            try? root.makeDirectory(Path(path))
            try? root.writeFile(Path(path), [1])
            try? root.symlink(target: "x", at: Path(path))
            #expect(try outside.statusIfExists("new") == nil)
            #expect(try Directory.open("/").statusIfExists("new") == nil)
        }
    }

    @Test(arguments: ["up/secret", "../secret", "absolute/secret", "..", "up/.."])
    func removingThroughLinksStaysInside(_ path: String) throws {
        try withTrap { root, outside throws in
            try? root.remove(Path(path))
            try? root.removeTree(Path(path))
            try? root.setPermissions(Path(path), 0)
            try? root.rename(Path(path), to: "taken")
            #expect(try outside.status("secret").permissions == 0o644)
            #expect(try outside.text("secret") == "secret")
        }
    }

    @Test func writingThroughALinkToAFileStaysInside() throws {
        try withTrap { root, outside throws in
            // In root, `../secret` is `/secret` of the tree: made there.
            try root.writeFile("relative", Array("inside".utf8))
            #expect(try outside.text("secret") == "secret")
            #expect(try root.text("secret") == "inside")
        }
    }

    @Test func lastNameIsNotFollowedByWhatActsOnNames() throws {
        try withTrap { root, outside throws in
            try root.setTimes("file", modified: FileTime(seconds: 1))
            #expect(try root.status("file").modified == FileTime(seconds: 1))
            #expect(try root.status("file").kind == .symlink)
            #expect(try outside.status("secret").modified != FileTime(seconds: 1))
            #expect(throws: SystemError.self) { try root.setPermissions("file", 0o777) }
            try root.removeTree("absolute")
            #expect(try outside.text("secret") == "secret")
        }
    }

    @Test func absoluteLinksInsideAreSeenFromTheRoot() throws {
        try withTrap { root, _ throws in
            try root.makeDirectories("usr/bin")
            try root.symlink(target: "/usr/bin", at: "bin")
            try root.write("tool", to: "/bin/tool")
            #expect(try root.text("usr/bin/tool") == "tool")
            #expect(throws: SystemError("open", "bin/tool", code: EXDEV)) {
                _ = try root.openFile("bin/tool", .readOnly, .beneath)
            }
            #expect(throws: SystemError("open", "bin/tool", code: ELOOP)) {
                _ = try root.openFile("bin/tool", .readOnly, .noSymlinks)
            }
        }
    }

    @Test func magicLinksOfProcAreRefused() throws {
        let proc = try Directory.open("/proc/self")
        #expect(throws: SystemError("open", "root/etc", code: ELOOP)) { _ = try proc.openDirectory("root/etc") }
    }

    @Test func loopsEnd() throws {
        try withTrap { root, _ throws in
            #expect(throws: SystemError("open", "loop/x", code: ELOOP)) { _ = try root.openFile("loop/x") }
        }
    }

    @Test func fifosDoNotHangAReader() throws {
        try withTrap { root, _ throws in
            try root.makeNode("fifo", kind: .fifo, mode: 0o644)
            #expect(throws: SystemError.self) { _ = try root.readFile("fifo") }
        }
    }
}
