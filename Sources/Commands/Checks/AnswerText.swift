import DockerfileParser
import Frontend

// Answers as buildx prints them (spec/01 §1.14, spec/09 §9.7).

extension CheckReport {
    /// What was found, ordered by line, each with its lines; an error is not part of it.
    var text: String {
        guard !findings.isEmpty else { return error == nil ? "Check complete, no warnings found.\n" : "" }
        let count = findings.count == 1 ? "1 warning has" : "\(findings.count) warnings have"
        return "Check complete, \(count) been found!\n" + violations + (error == nil ? "" : "\n")
    }

    /// What was found alone, in that order.
    var violations: String {
        let ordered = findings.enumerated().sorted {
            ($0.element.range.startLine, $0.offset) < ($1.element.range.startLine, $1.offset)
        }
        return ordered.map { text(of: $0.element) }.joined()
    }

    private func text(of finding: LintFinding) -> String {
        let url = finding.rule.url.map { " - \($0)" } ?? ""
        return "\nWARNING: \(finding.rule.rawValue)\(url)\n\(finding.message)\n"
            + SourceExcerpt.render(source, finding.range)
    }

    /// Why the Dockerfile cannot be built, with its lines; nil where nothing says so.
    var errorText: String? {
        guard let error else { return nil }
        let excerpts = error.locations.map { location in
            SourceExcerpt.render(source, SourceRange(location))
        }
        return "ERROR: \(error)\n" + excerpts.joined() + (error.hint.map { "hint: \($0)\n" } ?? "")
    }
}

extension Outline {
    /// The target, where it has a name, and a table for each kind of parameter that it has.
    var text: String {
        var text = ""
        if name != nil || description != nil {
            var table = TextTable(padding: 1)
            table.append(["TARGET:", name ?? "(default)"])
            if let description { table.append(["DESCRIPTION:", description]) }
            text += table.text + "\n"
        }
        if !arguments.isEmpty {
            var table = TextTable(padding: 3, titles: ["BUILD ARG", "VALUE", "DESCRIPTION"])
            for argument in arguments {
                table.append([argument.name, argument.value ?? "", argument.description ?? ""])
            }
            text += table.text + "\n"
        }
        return text + Self.text("SECRET", secrets) + Self.text("SSH", agents)
    }

    private static func text(_ title: String, _ forwarded: [Forwarded]) -> String {
        guard !forwarded.isEmpty else { return "" }
        var table = TextTable(padding: 3, titles: [title, "REQUIRED"])
        for item in forwarded { table.append([item.name, item.isRequired ? "true" : ""]) }
        return table.text + "\n"
    }
}

extension TargetList {
    /// A table of the stages; the one that is built without `--target` is marked.
    var text: String {
        var table = TextTable(padding: 1, titles: ["TARGET", "DESCRIPTION"])
        for target in targets {
            let mark = target.isDefault ? "(default)" : ""
            let name = [target.name ?? "", mark].filter { !$0.isEmpty }.joined(separator: " ")
            table.append([name, target.description ?? ""])
        }
        return table.text
    }
}
