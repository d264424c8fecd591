/// A manual page in mdoc(7), made from a command's description.
struct ManualPage {
    /// The file's name: `swbuild-build.1`.
    let fileName: String
    /// The page's text.
    let text: String

    /// The page of `command`; `parents` are the names of the commands above it, outermost first.
    init(_ command: CommandDescription, parents: [String]) {
        let name = (parents + [command.commandName]).joined(separator: "-")
        fileName = "\(name).1"
        var page = [".Dd $Mdocdate$", ".Dt \(name.uppercased()) 1", ".Os", ".Sh NAME", ".Nm \(name)"]
        page.append(".Nd \(Self.escape(command.abstract ?? name))")
        page += Self.synopsis(command, words: parents + [command.commandName])
        if let discussion = command.discussion {
            page.append(".Sh DESCRIPTION")
            page += Self.paragraphs(discussion).map { $0.map(Self.escape) }.joined(separator: [".Pp"])
        }
        page += Self.options(command)
        page += Self.seeAlso(command, name: name, parents: parents)
        text = page.joined(separator: "\n") + "\n"
    }

    /// The pages of a program, one for it and one for each command below it.
    static func pages(of program: CommandDescription) -> [ManualPage] {
        pages(of: program, parents: [])
    }

    private static func pages(of command: CommandDescription, parents: [String]) -> [ManualPage] {
        let below = command.visibleSubcommands.flatMap { pages(of: $0, parents: parents + [command.commandName]) }
        return [ManualPage(command, parents: parents)] + below
    }

    private static func synopsis(_ command: CommandDescription, words: [String]) -> [String] {
        var lines = [".Sh SYNOPSIS", ".Nm \(words.joined(separator: " "))"]
        for argument in command.visibleArguments where argument.kind != "positional" {
            guard let name = argument.names?.last else { continue }
            let value = argument.kind == "option" ? " Ar \(argument.valueName ?? "value")" : ""
            lines.append(".Op Fl \(name.text.dropFirst())\(value)")
        }
        for argument in command.visibleArguments where argument.kind == "positional" {
            lines.append(".Ar \(argument.valueName ?? "argument")")
        }
        if !command.visibleSubcommands.isEmpty { lines.append(".Ar subcommand") }
        return lines
    }

    private static func options(_ command: CommandDescription) -> [String] {
        var lines: [String] = []
        var section: String?
        for argument in command.visibleArguments {
            let title = (argument.sectionTitle ?? (argument.kind == "positional" ? "Arguments" : "Options"))
                .uppercased()
            if title != section {
                if section != nil { lines.append(".El") }
                lines += [".Sh \(title)", ".Bl -tag -width 6n"]
                section = title
            }
            lines += item(argument)
        }
        if section != nil { lines.append(".El") }
        return lines
    }

    private static func item(_ argument: ArgumentDescription) -> [String] {
        let value = argument.kind == "flag" ? "" : " Ar \(argument.valueName ?? "value")"
        let names = (argument.names ?? []).map { "Fl \($0.text.dropFirst())\(value)" }.joined(separator: " , ")
        var lines = [".It \(names.isEmpty ? "Ar \(argument.valueName ?? "argument")" : names)"]
        if let abstract = argument.abstract { lines.append(escape(abstract)) }
        if let values = argument.allValues, !values.isEmpty {
            lines.append("One of: \(values.joined(separator: ", ")).")
        }
        if let value = argument.defaultValue { lines.append("Default: \(escape(value)).") }
        return lines
    }

    private static func seeAlso(_ command: CommandDescription, name: String, parents: [String]) -> [String] {
        let above = parents.isEmpty ? [] : [parents.joined(separator: "-")]
        let pages = above + command.visibleSubcommands.map { "\(name)-\($0.commandName)" }
        guard !pages.isEmpty else { return [] }
        return [".Sh SEE ALSO", pages.map { ".Xr \($0) 1" }.joined(separator: " ,\n")]
    }

    /// The parts of a text that an empty line separates.
    private static func paragraphs(_ text: String) -> [[String]] {
        text.split(separator: "\n", omittingEmptySubsequences: false).split(separator: "").map { lines in
            [lines.joined(separator: "\n")]
        }
    }

    /// Text without what roff would take for a request or an escape.
    private static func escape(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: true).map { line in
            let escaped = line.split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\e")
            return escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" + escaped : escaped
        }.joined(separator: "\n")
    }
}
