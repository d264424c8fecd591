/// Options of `docker build` that have no effect here, accepted so that a command line need not be edited.
///
/// They are left out before the parser sees them: each option that it knows takes it some 60 µs in every build.
enum IgnoredOptions {
    private static let flags: [String] = ["--rm", "--force-rm", "--compress"]

    /// With a value each: the builder's name, and limits for the containers of docker's classic builder, which buildx
    /// takes and ignores too.
    private static let options: [String] = [
        "--builder", "--memory", "-m", "--memory-swap", "--cpu-shares", "-c", "--cpu-period", "--cpu-quota",
        "--cpuset-cpus", "--cpuset-mems", "--security-opt",
    ]

    /// `arguments`, which end before `--`, without them.
    static func leftOut(of arguments: some Sequence<String>) throws(OptionError) -> [String] {
        var rest: [String] = []
        var optionWithoutValue: String?
        for argument in arguments {
            if optionWithoutValue != nil {
                optionWithoutValue = nil
            } else if options.contains(argument) {
                optionWithoutValue = argument
            } else if !flags.contains(argument), !holdsValue(argument) {
                rest.append(argument)
            }
        }
        if let optionWithoutValue { throw .missingValue(option: optionWithoutValue) }
        return rest
    }

    /// Whether an argument is one of the options and its value: `--memory=1g`, `-m=1g` or `-m1g`.
    private static func holdsValue(_ argument: String) -> Bool {
        guard argument.hasPrefix("-") else { return false }
        if !argument.hasPrefix("--"), options.contains(String(argument.prefix(2))) { return true }
        guard let equals = argument.firstIndex(of: "=") else { return false }
        return options.contains(String(argument[..<equals]))
    }
}
