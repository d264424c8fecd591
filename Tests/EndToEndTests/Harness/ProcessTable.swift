/// The processes of the machine.
enum ProcessTable {
    /// The ids of processes that have `argument` as one of their arguments.
    static func withArgument(_ argument: String) throws -> [String] {
        let script = """
            for file in /proc/[0-9]*/cmdline; do
              if tr '\\0' '\\n' < "$file" 2>/dev/null | grep -qxF -- "$NEEDLE"; then echo "$file"; fi
            done
            """
        var command = Command("bash", ["-c", script])
        command.environment["NEEDLE"] = argument
        return try command.run().text.split(separator: "\n").map(String.init)
    }
}
