import BuildGraph
import LinuxSystem
import Testing

@testable import Operations

@Suite struct HTTPFilesTests {
    @Test(
        "names are those of files, whatever a server or URL says (CVE-2026-33747)",
        arguments: [
            (nil, nil, "https://h/a/b.txt?x=/y#z", "b.txt"), (nil, "c.txt", "https://h/b.txt", "c.txt"),
            ("d", "c", "https://h/b", "d"), (nil, nil, "https://h", "download"), (nil, nil, "https://h/", "download"),
            (nil, "../../x", "https://h/b", "x"), (nil, "..", "https://h/b", "download"),
            (nil, ".", "https://h/b", "download"), (nil, "a\u{0}b", "https://h/b", "download"),
            (nil, "a\nb", "https://h/b", "download"), (nil, "/etc/passwd", "https://h/b", "passwd"),
            (nil, String(repeating: "n", count: 300), "https://h/b", "download"), ("", "", "https://h/b", "b"),
        ] as [(String?, String?, String, String)]
    )
    func names(filename: String?, suggested: String?, url: String, name: String) {
        #expect(HTTPFiles.name(of: HTTPSource(url: url, filename: filename), suggested: suggested).string == name)
    }

    @Test(
        "the secrets of a host are named without its port and user",
        arguments: [
            ("https://example.org/f", "example.org"), ("https://example.org:8443/f", "example.org"),
            ("http://u:p@example.org:1/f@g", "example.org"), ("http://[::1]:80/f", "::1"),
            ("https://example.org?x", "example.org"),
        ]
    )
    func secretNames(url: String, host: String) {
        let names = HTTPAuthorization(HTTPSource(url: url))
        #expect(names.headerSecret == "HTTP_AUTH_HEADER_\(host)")
        #expect(names.tokenSecret == "HTTP_AUTH_TOKEN_\(host)")
        #expect(GitAuthorization(GitSource(url: url)).names.first == .header("GIT_AUTH_HEADER.\(host)"))
    }

    @Test("a token becomes basic authorization of Git, a header stays as it is; the host's own goes first")
    func gitAuthorization() throws {
        try Trees.with { trees in
            try trees.fill(["token": "t0ken\n", "header": "Custom x\r\n"])
            let directory = try trees.source.directory.currentPath()
            let token = SecretStore.Source.file(directory.appending("token"))
            let header = SecretStore.Source.file(directory.appending("header"))
            let git = GitAuthorization(GitSource(url: "https://example.org/r.git"))
            // x-access-token:t0ken
            let basic = "basic eC1hY2Nlc3MtdG9rZW46dDBrZW4="
            #expect(try git.value(in: SecretStore(["GIT_AUTH_TOKEN": token])) == basic)
            #expect(try git.value(in: SecretStore(["GIT_AUTH_HEADER": header, "GIT_AUTH_TOKEN": token])) == "Custom x")
            let own = SecretStore(["GIT_AUTH_HEADER": header, "GIT_AUTH_TOKEN.example.org": token])
            #expect(try git.value(in: own) == basic)
            #expect(try git.value(in: SecretStore(["GIT_AUTH_TOKEN.example.com": token])) == nil)
        }
        #expect(GitAuthorization(GitSource(url: "ssh://git@example.org/r.git")).names.isEmpty)
    }
}
