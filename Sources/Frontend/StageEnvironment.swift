/// The environment that instructions of a stage expand from and that `RUN` hands to its process.
///
/// It holds the base image's variables, `ENV` and `ARG` values alike; whichever instruction came last wins.
struct StageEnvironment: Hashable, Sendable {
    private var values: [String: String] = [:]
    private var order: [String] = []

    /// The value of a variable, or nil when it isn't set.
    subscript(name: String) -> String? { values[name] }

    /// Every set name, oldest first.
    var names: [String] { order }

    /// `NAME=value` lines in the order in which the variables were last set.
    var lines: [String] {
        order.compactMap { name in values[name].map { name + "=" + $0 } }
    }

    /// Sets a variable; one that was set before moves to the end, as in the process environment of BuildKit.
    mutating func set(_ name: String, _ value: String) {
        if values.updateValue(value, forKey: name) != nil {
            order.removeAll { $0 == name }
        }
        order.append(name)
    }

    /// Sets every `NAME=value` line of an image configuration; a line without `=` sets an empty value.
    mutating func set(lines: [String]) {
        for line in lines {
            let pair = Self.split(line)
            set(pair.name, pair.value)
        }
    }

    /// Takes a `NAME=value` line apart.
    static func split(_ line: String) -> (name: String, value: String) {
        guard let equals = line.firstIndex(of: "=") else { return (line, "") }
        return (String(line[..<equals]), String(line[line.index(after: equals)...]))
    }
}
