/// Rewrites what docker's flag parser takes and swift-argument-parser does not: `--flag=true`, `--flag=false`, and
/// `--option=` for an option that is not given, as `--target=$TARGET` makes it; leaves out ``IgnoredOptions``.
package enum ArgumentNormalizer {
    /// The flags (without a value) of `build`; an array, because making a set takes longer than searching it so often.
    private static let flags: [String] = [
        "--no-cache", "--pull", "--push", "--load", "--quiet", "--rm", "--force-rm", "--compress", "--debug", "--check",
        "-q", "-D",
    ]

    /// The options of `build` with one value, for which an empty one is none.
    private static let options: [String] = [
        "--target", "--file", "--platform", "--network", "--iidfile", "--metadata-file", "--progress", "--shm-size",
        "--builder", "--cache-max-size", "--call", "--print", "--isolation",
    ]

    /// `arguments` without `=true`, and without the flags that are `=false`; a wrong value is left for the parser to
    /// refuse.
    ///
    /// Nothing after `--` is touched. Throws where an option that is left out has no value.
    package static func normalize(_ arguments: [String]) throws(OptionError) -> [String] {
        let options = arguments.prefix { $0 != "--" }
        return try IgnoredOptions.leftOut(of: options.compactMap(normalizeOne)) + arguments.dropFirst(options.count)
    }

    private static func normalizeOne(_ argument: String) -> String? {
        guard let equals = argument.firstIndex(of: "=") else { return argument }
        let name = String(argument[..<equals])
        let value = String(argument[argument.index(after: equals)...])
        if value.isEmpty, options.contains(name) { return nil }
        guard flags.contains(name) else { return argument }
        guard !value.isEmpty, let isOn = try? OutputSpecification.boolean("", value) else { return argument }
        return isOn ? name : nil
    }
}
