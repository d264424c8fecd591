/// A line for each record, as a Go template says: text with `{{.Field}}`, `{{json .Field}}` and `{{json .}}`.
struct UsageTemplate: Sendable {
    private enum Part: Sendable {
        case text(String)
        case field(String)
        case json(String?)
    }

    private let parts: [Part]
    /// Whether there are titles above, and columns instead of tabs.
    let isTable: Bool

    /// Reads a template; after `table ` it has titles.
    init(_ text: String) throws {
        isTable = text.hasPrefix("table ")
        var rest = Self.unescaped(isTable ? String(text.dropFirst("table ".count)) : text)[...]
        var parts: [Part] = []
        while let start = rest.firstRange(of: "{{") {
            parts.append(.text(String(rest[..<start.lowerBound])))
            rest = rest[start.upperBound...]
            guard let end = rest.firstRange(of: "}}") else { throw Self.error(text, "`{{` without `}}`") }
            parts.append(try Self.action(String(rest[..<end.lowerBound]), text))
            rest = rest[end.upperBound...]
        }
        self.parts = parts + [.text(String(rest))]
    }

    /// The line of a record.
    func line(_ fields: UsageFields) -> String {
        parts.map { part in
            switch part {
            case .text(let text): text
            case .field(let name): fields.text(name) ?? ""
            case .json(let name):
                String(decoding: (name.flatMap { fields.json($0) } ?? fields.json).compact(), as: UTF8.self)
            }
        }.joined()
    }

    /// The line of titles.
    var titles: String {
        parts.map { part in
            switch part {
            case .text(let text): text
            case .field(let name), .json(let name?): UsageFields.titles.first { $0.key == name }?.value ?? name
            case .json(nil): ""
            }
        }.joined()
    }

    private static func action(_ action: String, _ template: String) throws -> Part {
        let words = action.split(separator: " ").map(String.init)
        guard let last = words.last, last.hasPrefix("."), words.count == 1 || words.count == 2 && words[0] == "json"
        else { throw error(template, "`{{\(action)}}` is not supported") }
        let name = String(last.dropFirst())
        if name.isEmpty, words.count == 2 { return .json(nil) }
        guard UsageFields.titles.contains(where: { $0.key == name }) else {
            let names = UsageFields.titles.map { ".\($0.key)" }.joined(separator: ", ")
            throw error(template, "there is no field `.\(name)`: the fields are \(names)")
        }
        return words.count == 2 ? .json(name) : .field(name)
    }

    private static func error(_ template: String, _ reason: String) -> OptionError {
        .invalidValue(option: "--format", value: template, reason: reason)
    }

    /// `\t` and `\n` as a shell hands them over.
    private static func unescaped(_ text: String) -> String {
        var result = ""
        var isEscaped = false
        for character in text {
            if isEscaped {
                result += character == "t" ? "\t" : character == "n" ? "\n" : "\\\(character)"
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                result.append(character)
            }
        }
        return isEscaped ? result + "\\" : result
    }
}

extension Substring {
    /// Where `text` is first.
    fileprivate func firstRange(of text: String) -> Range<Index>? {
        indices.first { self[$0...].hasPrefix(text) }.map { $0..<index($0, offsetBy: text.count) }
    }
}
