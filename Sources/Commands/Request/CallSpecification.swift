/// What `--call` asks about a Dockerfile (spec/02 §2.1).
package struct CallSpecification: Hashable, Sendable {
    /// The question.
    package enum Method: String, Hashable, Sendable, CaseIterable {
        case check
        case outline
        case targets
        case describe = "subrequests.describe"
    }

    /// The form of the answer.
    package enum Format: String, Hashable, Sendable, CaseIterable {
        case text
        case json
        /// SARIF 2.1.0, for code scanning.
        case sarif
    }

    package let method: Method
    package var format = Format.text
    /// Whether findings leave the exit status 0.
    package var ignoresStatus = false

    /// A question to be answered as text.
    package init(method: Method) {
        self.method = method
    }

    /// Understands `method[,format=…][,ignorestatus=…]`; nil is a build.
    package static func parse(_ text: String) throws(OptionError) -> CallSpecification? {
        var name: String?
        var options: [(key: String, value: String)] = []
        for field in try CSVFields(text).fields {
            if let equals = field.firstIndex(of: "=") {
                options.append((String(field[..<equals]), String(field[field.index(after: equals)...])))
            } else if name == nil {
                name = field
            } else {
                throw invalid(text, "it names two methods")
            }
        }
        guard let name, !name.isEmpty, name != "build" else { return nil }
        guard let method = names[name] ?? Method(rawValue: name) else {
            throw invalid(text, "the methods are build, \(Method.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        var specification = CallSpecification(method: method)
        for (key, value) in options { try specification.set(key, value, in: text) }
        return specification
    }

    /// Values that shells complete.
    static let examples = [
        "build", "check", "check,format=json", "check,format=sarif", "outline", "outline,format=json", "targets",
        "targets,format=json", "subrequests.describe",
    ]

    /// Other names of methods: the frontend's own, and the short one.
    private static let names: [String: Method] = ["lint": .check, "describe": .describe]

    private mutating func set(_ key: String, _ value: String, in text: String) throws(OptionError) {
        switch key {
        case "format":
            guard let format = Format(rawValue: value), format != .sarif || method == .check else {
                throw Self.invalid(text, "the formats are text, json and, for check, sarif")
            }
            self.format = format
        case "ignorestatus": ignoresStatus = try OutputSpecification.boolean("ignorestatus", value)
        default: throw Self.invalid(text, "the keys are format and ignorestatus")
        }
    }

    private static func invalid(_ text: String, _ reason: String) -> OptionError {
        .invalidValue(option: "--call", value: text, reason: reason)
    }
}
