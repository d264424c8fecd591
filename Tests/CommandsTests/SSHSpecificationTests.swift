import Testing

@testable import Commands

@Suite("What --ssh says")
struct SSHSpecificationTests {
    @Test(
        arguments: [
            ("default", "default", ["/run/agent"]), ("git", "git", ["/run/agent"]), ("git=", "git", ["/run/agent"]),
            ("default=/a.sock", "default", ["/a.sock"]), ("k=/a,b", "k", ["/a", "b"]), ("k=a=b", "k", ["a=b"]),
        ]
    )
    func understands(text: String, id: String, paths: [String]) throws {
        let agent = try SSHSpecification(parsing: text, environment: ["SSH_AUTH_SOCK": "/run/agent"])
        #expect(agent.id == id)
        #expect(agent.paths == paths)
    }

    @Test func refuses() throws {
        #expect(throws: OptionError.self) { try SSHSpecification(parsing: "=x", environment: [:]) }
        let message = "invalid empty ssh agent socket: make sure SSH_AUTH_SOCK is set"
        for environment in [[:], ["SSH_AUTH_SOCK": ""]] {
            #expect(throws: OptionError.conflicting(message)) {
                try SSHSpecification(parsing: "default", environment: environment)
            }
        }
        let missing = try SSHSpecification(parsing: "k=/nonexistent/key", environment: [:])
        #expect(throws: OptionError.conflicting("failed to stat /nonexistent/key: no such file or directory")) {
            try missing.source()
        }
    }
}
