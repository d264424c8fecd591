/// Rewrites what docker's flag parser takes and swift-argument-parser does not: `--flag=true`, `--flag=false`.
package enum ArgumentNormalizer {
    /// The flags (without a value) of `build`.
    private static let flags: Set<String> = [
        "--no-cache", "--pull", "--push", "--load", "--quiet", "--rm", "--force-rm", "--compress", "--debug", "--check",
    ]

    /// `arguments` without `=true`, and without the flags that are `=false`; a wrong value is left for the parser to
    /// refuse.
    ///
    /// Nothing after `--` is touched.
    package static func normalize(_ arguments: [String]) -> [String] {
        let options = arguments.prefix { $0 != "--" }
        return options.compactMap(normalizeOne) + arguments.dropFirst(options.count)
    }

    private static func normalizeOne(_ argument: String) -> String? {
        guard let equals = argument.firstIndex(of: "="), flags.contains(String(argument[..<equals])) else {
            return argument
        }
        let value = String(argument[argument.index(after: equals)...])
        guard !value.isEmpty, let isOn = try? OutputSpecification.boolean("", value) else { return argument }
        return isOn ? String(argument[..<equals]) : nil
    }
}
