extension RunInstruction {
    /// What is run, with heredocs put in their place (spec 1.4): a lone heredoc is the script itself, a script that
    /// begins with `#!` a file, and anything else is handed to the shell with its documents.
    package var script: RunScript {
        guard case .shell(let text) = command else {
            guard case .exec(let arguments) = command else { return .shell("") }
            return .exec(arguments)
        }
        guard let first = heredocs.first else { return .shell(text) }
        guard isLoneHeredoc else {
            return .shell(heredocs.reduce(text) { $0 + "\n" + $1.body.text + $1.name })
        }
        if first.body.starts(with: "#!".utf8) { return .file(name: first.name, body: first.content) }
        return .shell(first.content.text)
    }

    /// Whether the whole command is one heredoc word, so that its body is the script.
    package var isLoneHeredoc: Bool {
        guard case .shell(let text) = command, !heredocs.isEmpty else { return false }
        return HeredocWord.parse(Array(text.utf8)) != nil
    }

    /// The suffix of the progress name: ` (first line...)` for a lone heredoc, else empty.
    package var nameSuffix: String {
        guard isLoneHeredoc, let first = heredocs.first else { return "" }
        return " (\(first.summary))"
    }
}
