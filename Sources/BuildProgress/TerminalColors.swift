/// Colours of completed lines on a terminal; spec/09 §9.3.
package struct TerminalColors: Hashable, Sendable {
    /// Parameters of the escape sequence that selects a colour; `nil` is no colour.
    private(set) var run: String?
    /// The colour of what was cancelled, and of warnings.
    private(set) var cancel: String?
    package private(set) var error: String?

    /// No colours at all.
    package static let none = TerminalColors(run: nil, cancel: nil, error: nil)
    /// Blue, yellow and red.
    package static let standard = TerminalColors(run: "34", cancel: "33", error: "31")

    private init(run: String?, cancel: String?, error: String?) {
        self.run = run
        self.cancel = cancel
        self.error = error
    }

    /// The colours that `NO_COLOR` and `BUILDKIT_COLORS` (`run=green:error=200,0,0`) ask for.
    ///
    /// The colour `warning` is accepted and shown nowhere, as in BuildKit. What cannot be understood stays as it is without them.
    package init(environment: [String: String]) {
        guard (environment["NO_COLOR"] ?? "").isEmpty else {
            self = .none
            return
        }
        self = .standard
        for setting in (environment["BUILDKIT_COLORS"] ?? "").split(separator: ":") {
            let parts = setting.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, let color = Self.parameters(of: parts[1]) else { continue }
            switch parts[0].lowercased() {
            case "run": run = color
            case "cancel": cancel = color
            case "error": error = color
            default: break
            }
        }
    }

    /// A text in a colour, given as parameters of the escape sequence; nil leaves it as it is.
    package static func paint(_ text: String, _ color: String?) -> String {
        color.map { "\u{1B}[\($0)m\(text)\u{1B}[0m" } ?? text
    }

    private static func parameters(of color: String) -> String? {
        let name = color.lowercased()
        let names = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"]
        if name == "default" {
            return "39"
        }
        if let index = names.firstIndex(of: name) {
            return "\(30 + index)"
        }
        if name.hasPrefix("light-"), let index = names.firstIndex(of: String(name.dropFirst(6))) {
            return "\(90 + index)"
        }
        let components = color.split(separator: ",", omittingEmptySubsequences: false).map { UInt8($0) }
        guard components.count == 3, let red = components[0], let green = components[1], let blue = components[2]
        else { return nil }
        return "38;2;\(red);\(green);\(blue)"
    }
}
