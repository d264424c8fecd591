import DockerfileParser

/// Values in the notation of Go's `fmt`, in which image histories and messages are written.
enum GoText {
    /// The `%q` form of a list: `["a" "b"]`.
    static func quoted(_ list: [String]) -> String {
        "[" + list.map(\.goQuoted).joined(separator: " ") + "]"
    }

    /// The `%v` form of a list: `[a b]`.
    static func plain(_ list: [String]) -> String {
        "[" + list.joined(separator: " ") + "]"
    }
}
