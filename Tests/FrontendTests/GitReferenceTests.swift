import BuildGraph
import Testing

@testable import Frontend

@Suite
struct GitReferenceTests {
    @Test(arguments: [
        ("./r.git", nil), ("../r.git", nil), ("dir", nil), ("https://example.com/file", nil),
        ("ftp://example.com/r.git", nil), ("user@host", nil), ("a b@host:path", nil),
        ("https://example.com/r.git", "https://example.com/r.git"),
        ("http://example.com/r.git?ref=x", "http://example.com/r.git"),
        ("ssh://git@example.com/r", "ssh://git@example.com/r"),
        ("git://example.com/r", "git://example.com/r"),
        ("git@github.com:a/b.git#main", "git@github.com:a/b.git"),
        ("github.com/a/b#main", "https://github.com/a/b"),
    ])
    func `a text is a repository by its scheme, its ending or its user`(_ text: String, _ url: String?) throws {
        #expect(try GitReference.parse(text)?.source.url == url)
    }

    @Test(arguments: [
        ("https://e.com/r.git#main:sub", "main", "sub"), ("https://e.com/r.git#:sub", nil, "sub"),
        ("https://e.com/r.git#", nil, nil), ("https://e.com/r.git?ref=a&subdir=s", "a", "s"),
        ("https://e.com/r.git?tag=v1", "refs/tags/v1", nil), ("https://e.com/r.git?branch=b", "refs/heads/b", nil),
        ("https://e.com/r.git?tag=refs/tags/v1#refs/tags/v1", "refs/tags/v1", nil),
    ])
    func `fragment and query say what is checked out`(_ text: String, _ reference: String?, _ directory: String?) throws
    {
        let source = try GitReference.parse(text)?.source
        #expect(source?.reference == reference)
        #expect(source?.subdirectory == directory)
    }

    @Test
    func `the query sets options, whose value may be left out`() throws {
        let text = "https://e.com/r.git?commit=abc&keep-git-dir&submodules=0&mtime=commit&fetch-by-commit=true"
        let reference = try #require(try GitReference.parse(text))
        var expected = GitSource(url: "https://e.com/r.git")
        expected.checksum = "abc"
        expected.keepGitDirectory = true
        expected.submodules = false
        expected.fileTimes = .commit
        expected.fetchByCommit = true
        #expect(reference.source == expected)
        #expect(reference.keepGitDirectory == true)
    }

    @Test(arguments: [
        ("https://e.com/r.git?what=1", "unexpected query \"what\""),
        ("https://e.com/r.git?ref=a&ref=b", "query \"ref\" has multiple values"),
        ("https://e.com/r.git?subdir=", "query \"subdir\" has no value"),
        ("https://e.com/r.git?mtime=now", "invalid mtime value: \"now\" (must be \"checkout\" or \"commit\")"),
        ("https://e.com/r.git?ref=a#b", "ref conflicts: \"b\" vs \"a\""),
        ("https://e.com/r.git?tag=v1#v1", "ref conflicts: \"v1\" vs \"refs/tags/v1\""),
        ("https://e.com/r.git?tag=a&branch=a", "branch conflicts with tag"),
        ("https://e.com/r.git?subdir=a#:b", "subdir conflicts: \"b\" vs \"a\""),
        ("https://e.com/r.git?submodules=maybe", "invalid submodules value: \"maybe\""),
    ])
    func `a query that contradicts itself is refused`(_ text: String, _ message: String) {
        let error = #expect(throws: GitReferenceError.self) { try GitReference.parse(text) }
        #expect(error?.description == message)
    }

    @Test
    func `transports without encryption and texts like paths are marked`() throws {
        #expect(try GitReference.parse("http://e.com/r.git")?.isUnencrypted == true)
        #expect(try GitReference.parse("https://e.com/r.git")?.isUnencrypted == false)
        #expect(try GitReference.parse("github.com/a/b")?.isLikePath == true)
        #expect(try GitReference.parse("git@github.com:a/b")?.isLikePath == false)
    }
}
