import Testing

/// What the README tells a newcomer to do.
@Suite struct ReadmeTests {
    @Test("the first example builds from the machine's own busybox, without a registry", arguments: Account.available)
    func hello(account: Account) throws {
        let dockerfile = try FileTree.text("\(Machine.checkout)/testdata/e2e/hello/Dockerfile")
        let project = try Project(dockerfile, as: account)
        let outcome = try project.run("-o", "hello", "-f", "Dockerfile", "/bin")
        try #require(outcome.succeeded, "\(outcome)")
        #expect(outcome.output.isEmpty)
        let greeting = (1...3).map { "hello \($0) from buildkitsandbox\n" }.joined()
        #expect(try FileTree.text(project.path("hello/greeting")) == greeting)
        #expect(try FileTree.text(project.path("hello/lines")) == "3\n")
    }
}
