import BuildGraph
import Testing

@testable import Frontend

@Suite
struct TextTests {
    @Test(arguments: [
        ("", "."), ("/", "/"), ("a//b/./c", "a/b/c"), ("/../a", "/a"), ("a/../..", ".."), ("/a/..", "/"),
        ("../../a", "../../a"), ("/a/b/../c/", "/a/c"),
    ])
    func `cleaning a path removes what says nothing`(_ path: String, _ expected: String) {
        #expect(PathText.clean(path) == expected)
    }

    @Test(arguments: [
        ("", "/w/"), (".", "/w/"), ("./", "/w/"), ("a", "/w/a"), ("a/", "/w/a/"), ("a/.", "/w/a/."), ("/", "/"),
        ("/.", "/."), ("/a/../b", "/b"), ("../x/", "/x/"), ("../../../x", "/x"),
    ])
    func `a destination keeps the mark of a directory`(_ path: String, _ expected: String) {
        #expect(PathText.destination(path, from: "/w") == expected)
    }

    @Test(arguments: [
        ("755", ModeChange.absolute(0o755)), ("07777", .absolute(0o7777)), ("u=rwX,go=rX", .symbolic("u=rwX,go=rX")),
        ("+x", .symbolic("+x")), ("a-w", .symbolic("a-w")), ("g=u", .symbolic("g=u")), ("u+s,+t", .symbolic("u+s,+t")),
    ])
    func `modes are octal or symbolic`(_ text: String, _ expected: ModeChange) throws {
        #expect(try PermissionText.change(text) == expected)
    }

    @Test(arguments: [
        ("10000", FrontendProblem.octalMode("10000")), ("789", .octalMode("789")), ("x", .symbolicMode("x")),
        ("", .symbolicMode("")), ("u=rw,", .symbolicMode("u=rw,")), ("u~x", .symbolicMode("u~x")),
        ("99999999999999999999", .octalMode("99999999999999999999")),
    ])
    func `modes that are neither are refused`(_ text: String, _ expected: FrontendProblem) {
        #expect(throws: expected) { try PermissionText.change(text) }
    }

    @Test(arguments: [
        ("7", Owner(user: .id(7), group: .id(7))), ("7:8", Owner(user: .id(7), group: .id(8))),
        (":9", Owner(user: .id(0), group: .id(9))), ("root", .root), ("7:", Owner(user: .id(7), group: .id(7))),
        ("app", Owner(user: .name("app", input: 0), group: nil)),
        ("app:5", Owner(user: .name("app", input: 0), group: .id(5))),
        ("99999999999", Owner(user: .name("99999999999", input: 0), group: nil)),
    ])
    func `owners are ids where they can be`(_ text: String, _ expected: Owner) {
        #expect(Ownership.owner(text) == expected)
    }

    @Test(arguments: [
        ("https://e.com/a/b.txt", "b.txt"), ("https://e.com", "__unnamed__"), ("https://e.com/", "__unnamed__"),
        ("https://e.com/a%2fb?c=/d", "b"), ("https://e.com/a/#x/y", "a"), ("https://e.com/a/..", "__unnamed__"),
    ])
    func `a download is named after its URL, never after a path above it`(_ url: String, _ expected: String) {
        #expect(RemoteFile.filename(of: url) == expected)
    }

    @Test(arguments: [
        ("type=bind,from=a", "a"), ("from=a,from=b", "b"), ("\"from=a,b\",target=/x", "a,b"), ("FROM=a", "a"),
        ("from=", nil), ("target=/from=x", nil),
    ])
    func `the origin of a mount is found before expansion`(_ text: String, _ expected: String?) {
        #expect(MountOrigin.name(in: text) == expected)
    }

    @Test
    func `a variable that is set again moves to the end`() {
        var environment = StageEnvironment()
        environment.set(lines: ["A=1", "B=2", "C"])
        environment.set("A", "3=4")
        #expect(environment.lines == ["B=2", "C=", "A=3=4"])
        #expect(environment["A"] == "3=4")
        #expect(environment["D"] == nil)
    }
}
