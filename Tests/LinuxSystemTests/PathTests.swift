import LinuxSystem
import Testing

struct PathTests {
    @Test(arguments: [
        ("a/../b", "b"), ("a/./b//c", "a/b/c"), ("/..", "/"), ("../../x", "x"), ("/a/../../b", "/b"), ("", ""),
        (".", ""), ("/", "/"), ("a/b/..", "a"), ("...", "..."),
    ])
    func normalizingWorksByTextAndNeverGoesAboveTheStart(_ path: String, _ normalized: String) {
        #expect(Path(path).lexicallyNormalized() == Path(normalized))
    }

    @Test(arguments: [
        ("a", ""), ("/a", "/"), ("a/b", "a"), ("/a/b/", "/a"), ("/", "/"), ("", ""), ("a//b", "a"), ("//a", "/"),
    ])
    func parentIsEverythingBeforeTheLastName(_ path: String, _ parent: String) {
        #expect(Path(path).parent == Path(parent))
    }

    @Test(arguments: [
        ("/root", "/etc", "/root/etc"), ("a", "b", "a/b"), ("", "b", "b"), ("a/", "//b", "a/b"), ("/", "x", "/x"),
        ("a", "", "a"), ("", "/x", "/x"),
    ])
    func appendingNeverStartsOver(_ base: String, _ other: String, _ joined: String) {
        #expect(Path(base).appending(other) == Path(joined))
    }

    @Test func bytesThatAreNotUnicodeAreKept() {
        let path = Path(bytes: [0x61, 0xff, 0x2f, 0xfe])
        #expect(path.components.map(\.bytes) == [[0x61, 0xff], [0xfe]])
        #expect(path.string == "a\u{fffd}/\u{fffd}")
    }

    @Test func bytesEndAtTheFirstNUL() {
        #expect(Path(bytes: [0x61, 0, 0x62]) == "a")
        #expect(Path("a\0b") == "a")
    }

    @Test(arguments: [("a/b", "a", true), ("ab", "a", false), ("/a", "a", false), ("a", "a", true), ("a", "", true)])
    func withinIsDecidedByNames(_ path: String, _ other: String, _ within: Bool) {
        #expect(Path(path).isWithin(Path(other)) == within)
    }

    @Test func orderIsThatOfTheBytes() {
        #expect(["b", "a/b", "a", "a-b", "A"].map { Path($0) }.sorted() == ["A", "a", "a-b", "a/b", "b"])
    }

    @Test func errorsNameOperationPathAndReason() {
        #expect("\(SystemError("open", "x", code: 2))" == "cannot open `x`: no such file or directory")
        #expect(
            "\(SystemError("mount overlay", code: 22, detail: "e why"))"
                == "cannot mount overlay: invalid argument (e why)"
        )
    }
}
