import OCI

/// What can be asked about a Dockerfile: the answer to `--call=subrequests.describe` (spec/01 §1.14).
enum RequestCatalog {
    private struct Entry {
        let name: String
        let description: String
        var options: [(name: String, description: String)] = []
        var results = ["result.json", "result.txt"]
    }

    /// Of each of them.
    static let version = "1.0.0"

    private static let entries = [
        Entry(
            name: "frontend.outline",
            description: "List all parameters current build target supports",
            options: [("target", "Target build stage")]
        ),
        Entry(name: "frontend.targets", description: "List all targets current build supports"),
        Entry(
            name: "frontend.lint",
            description: "Lint a Dockerfile",
            results: ["result.json", "result.txt", "result.statuscode"]
        ),
        Entry(name: "frontend.subrequests.describe", description: "List available subrequest types"),
    ]

    /// A table of names, versions and descriptions.
    static var text: String {
        var table = TextTable(padding: 1, titles: ["NAME", "VERSION", "DESCRIPTION"])
        for entry in entries {
            table.append([String(entry.name.dropFirst("frontend.".count)), version, entry.description])
        }
        return table.text
    }

    static var json: JSONText {
        .array(entries.map(json))
    }

    private static func json(_ entry: Entry) -> JSONText {
        .object([
            ("name", .string(entry.name)), ("version", .string(version)), ("type", .string("rpc")),
            ("description", .string(entry.description)), ("opts", .array(entry.options.map(named))), ("inputs", .null),
            ("metadata", .array(entry.results.map { named(($0, "")) })), ("refs", .null),
        ])
    }

    private static func named(_ value: (name: String, description: String)) -> JSONText {
        .object([("name", .string(value.name)), ("description", .string(value.description))])
    }
}
