import BuildGraph
import Testing

@testable import Commands

@Suite("Where the context comes from")
struct ContextLocationTests {
    @Test(
        "the text alone tells",
        arguments: [
            (".", ContextLocation.directory(".")),
            ("-", .standardInput),
            ("github.com/owner/repo", .git(GitSource(url: "https://github.com/owner/repo"))),
            ("./github.com/owner/repo", .directory("./github.com/owner/repo")),
            ("https://host/owner/repo.git", .git(GitSource(url: "https://host/owner/repo.git"))),
            (
                "https://host/owner/repo.git#main:sub",
                .git(GitSource(url: "https://host/owner/repo.git", reference: "main", subdirectory: "sub"))
            ),
            ("https://host/owner/repo", .http("https://host/owner/repo")),
            ("http://host/context.tar.gz", .http("http://host/context.tar.gz")),
            ("git@host:owner/repo.git", .git(GitSource(url: "git@host:owner/repo.git"))),
            ("a@b/c:d", .directory("a@b/c:d")),
            ("/abs/dir.git", .directory("/abs/dir.git")),
        ]
    )
    func recognises(text: String, location: ContextLocation) throws {
        #expect(try ContextLocation(parsing: text) == location)
    }
}
