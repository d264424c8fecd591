import Testing

/// Completion scripts and manual pages are committed, and are those of this program.
@Suite struct GeneratedFilesTests {
    @Test("completion scripts are fresh", arguments: ["bash", "zsh", "fish"])
    func completions(shell: String) throws {
        let fresh = try Command.check(Machine.swbuild, ["--generate-completion-script", shell])
        let committed = try FileTree.text("\(Machine.checkout)/completions/swbuild.\(shell)")
        #expect(
            fresh.split(separator: "\n") == committed.split(separator: "\n"),
            "run: swbuild --generate-completion-script \(shell) > completions/swbuild.\(shell)"
        )
    }

    @Test("manual pages are fresh")
    func manual() throws {
        let scratch = Scratch()
        let fresh = try scratch.directory("man")
        try Command.check(Machine.swbuild, ["manual", "--output", fresh])
        // The page on the language is written by hand.
        let arguments = ["-r", "--exclude=*.5", fresh, "\(Machine.checkout)/man"]
        let difference = try Command("diff", arguments).run()
        #expect(difference.succeeded, "run: swbuild manual --output man\n\(difference.text)")
        #expect(try FileTree.listing(fresh).contains("swbuild.1"))
    }
}
