import LinuxSystem

/// `--isolation` and `SWBUILD_ISOLATION`: read from the raw arguments, because the namespace is entered before they are
/// parsed, and then checked where options are checked.
enum IsolationChoice {
    /// The variable that stands for the option where that is not given.
    static let variable = "SWBUILD_ISOLATION"

    /// The mode that raw arguments ask for; the best one where they ask for what does not exist, which the parser
    /// refuses later.
    static func mode(arguments: [String], environment: (String) -> String?) -> IsolationMode {
        let value = value(in: arguments) ?? environment(variable) ?? ""
        return (try? mode(of: value)) ?? .auto
    }

    /// The mode with this name; the empty one, and docker's `default`, are ``IsolationMode/auto``.
    static func mode(of value: String, option: String = "--isolation") throws(OptionError) -> IsolationMode {
        if value.isEmpty || value == "default" { return .auto }
        if let mode = IsolationMode(rawValue: value) { return mode }
        throw .invalidValue(option: option, value: value, reason: "the modes are \(names.joined(separator: ", "))")
    }

    /// The names of all modes.
    static let names = IsolationMode.allCases.map(\.rawValue)

    /// The value of the last `--isolation` before `--`.
    private static func value(in arguments: [String]) -> String? {
        var value: String?
        var isNext = false
        for argument in arguments {
            if isNext {
                value = argument
                isNext = false
            } else if argument == "--" {
                break
            } else if argument == "--isolation" {
                isNext = true
            } else if argument.hasPrefix("--isolation=") {
                value = String(argument.dropFirst("--isolation=".count))
            }
        }
        return value
    }
}
