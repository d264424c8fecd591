import Glibc
import LinuxSystem
import Testing

struct DirectoryTests {
    @Test func namesThatAreNotUnicodeWorkEverywhere() throws {
        try withTemporaryDirectory { root, _ throws in
            let name = Path(bytes: [0xff, 0x20, 0xfe])
            try root.makeDirectory(name)
            try root.write("x", to: name.appending(Path(bytes: [0x80])))
            #expect(try root.entries().map(\.name) == [name])
            #expect(try root.openDirectory(name).entries().map(\.name.bytes) == [[0x80]])
            try root.removeTree(name)
            #expect(try root.entries().isEmpty)
        }
    }

    @Test func makingDirectoriesGivesThoseThatWereMade() throws {
        try withTemporaryDirectory { root, _ throws in
            #expect(try root.makeDirectories("a/b") == ["a", "a/b"])
            #expect(try root.makeDirectories("/a/b/c/d", mode: 0o700) == ["a/b/c", "a/b/c/d"])
            #expect(try root.makeDirectories("a/b") == [])
            #expect(try root.status("a/b/c/d").permissions == 0o700)
            try root.write("", to: "file")
            #expect(throws: SystemError("make directory", "file", code: ENOTDIR)) {
                try root.makeDirectories("file/x")
            }
        }
    }

    @Test func modesAreExactWhateverTheUmask() throws {
        // The mask is the process's: a test that changed it would change it for what other tests start.
        let status = try FileDescriptor.open("/proc/self/status").readAll()
        let line = try #require(
            String(decoding: status, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("Umask:") }
        )
        try #require(!line.hasSuffix("0000"))
        try withTemporaryDirectory { root, _ throws in
            try root.makeDirectory("d", mode: 0o1777)
            try root.makeNode("f", kind: .fifo, mode: 0o666)
            #expect(try root.status("d").permissions == 0o1777)
            #expect(try root.status("f").permissions == 0o666)
        }
    }

    @Test func hardLinksShareAnInodeAndDoNotFollow() throws {
        try withTemporaryDirectory { root, _ throws in
            try root.write("x", to: "a")
            try root.symlink(target: "a", at: "s")
            try root.makeDirectory("d")
            try root.link("a", to: "d/b")
            try root.link("s", to: "t")
            #expect(try root.status("a").inode == root.status("d/b").inode)
            #expect(try root.status("a").links == 2)
            #expect(try root.readLink("t") == "a")
            try root.rename("d/b", to: "c")
            #expect(try root.text("c") == "x")
        }
    }

    @Test func attributesOfNamesAndDescriptorsAgree() throws {
        try withTemporaryDirectory { root, _ throws in
            try root.makeDirectory("d")
            try root.write("x", to: "d/f")
            try root.symlink(target: "d/f", at: "s")
            let value = [UInt8](repeating: 7, count: 1000)
            try root.setExtendedAttribute("d/f", name: "user.b", value: value)
            try root.setExtendedAttribute("d/f", name: "user.a", value: [])
            #expect(
                try root.extendedAttributes("d/f") == [
                    ExtendedAttribute(name: "user.a", value: []), ExtendedAttribute(name: "user.b", value: value),
                ]
            )
            #expect(try root.openFile("d/f").extendedAttribute(name: "user.b") == value)
            #expect(try root.extendedAttribute("d/f", name: "user.none") == nil)
            // Not followed: a symbolic link has no user attributes.
            #expect(try root.extendedAttributes("s") == [])
            #expect(throws: SystemError.self) { try root.setExtendedAttribute("s", name: "user.x", value: [1]) }
            try root.removeExtendedAttribute("d/f", name: "user.a")
            try root.removeExtendedAttribute("d/f", name: "user.a")
            #expect(try root.extendedAttributes("d/f").map(\.name) == ["user.b"])
            try root.setExtendedAttribute("d", name: "user.d", value: [1])
            #expect(try root.openDirectory("d").extendedAttribute("", name: "user.d") == [1])
        }
    }

    @Test func removingATreeTakesForbiddenDirectoriesToo() throws {
        try withTemporaryDirectory { root, _ throws in
            try root.makeDirectories("t/a/b")
            try root.write("x", to: "t/a/b/c")
            try root.setPermissions("t/a", 0o000)
            try root.removeTree("t")
            try root.removeTree("t")
            #expect(try root.statusIfExists("t") == nil)
        }
    }

    @Test(.enabled(if: isRoot, "device nodes and owners need root"))
    func ownersAndDevicesAreSet() throws {
        try withTemporaryDirectory { root, _ throws in
            try root.makeNode("null", kind: .characterDevice, mode: 0o666, major: 1, minor: 3)
            try root.makeNode("gone", kind: .characterDevice, mode: 0)
            try root.setOwner("null", uid: 12, gid: 34)
            let status = try root.status("null")
            #expect(status.kind == .characterDevice && status.deviceMajor == 1 && status.deviceMinor == 3)
            #expect(status.uid == 12 && status.gid == 34 && status.permissions == 0o666)
            #expect(try root.status("gone").isWhiteout)
            #expect(!status.isWhiteout)
        }
    }

    @Test func timesKeepNanoseconds() throws {
        try withTemporaryDirectory { root, _ throws in
            try root.write("x", to: "f")
            let time = FileTime(seconds: -5, nanoseconds: 123_456_789)
            try root.setTimes("f", modified: time)
            #expect(try root.status("f").modified == time)
        }
    }
}
