extension CheckOptions {
    /// Parses `skip=…;error=…;experimental=…`, the value of `BUILDKIT_DOCKERFILE_CHECK`.
    package init(parsing text: String) throws(ParseError) {
        self.init()
        let text = text.trimmed
        guard !text.isEmpty else { return }
        for part in text.split(separator: ";", maxSplits: 2, omittingEmptySubsequences: false) {
            try read(String(part))
        }
    }

    /// Parses the value of a `check` directive, of which only the text up to the first space counts.
    init(directive value: String, line: Int) throws(ParseError) {
        do throws(ParseError) {
            try self.init(parsing: String(value.prefix { $0 != " " }))
        } catch {
            throw error.located(at: SourceRange(line: line))
        }
    }

    private mutating func read(_ part: String) throws(ParseError) {
        let prefix = "failed to parse check options: "
        guard let (key, value) = part.cut(at: "=") else {
            throw ParseError(prefix + "invalid check option \(part.goQuoted)")
        }
        switch key.trimmed {
        case "skip": skip = RuleSelection(parsing: value)
        case "experimental": experimental = RuleSelection(parsing: value)
        case "error":
            let value = value.trimmed
            guard let flag = value.goBool else {
                throw ParseError(
                    prefix + "failed to parse check option \(part.goQuoted): "
                        + "strconv.ParseBool: parsing \(value.goQuoted): invalid syntax"
                )
            }
            error = flag
        default: throw ParseError(prefix + "invalid check option \(key.trimmed.goQuoted)")
        }
    }

    /// Whether violations of `rule` are shown: asked for where it is experimental, whatever is skipped, else not skipped.
    package func reports(_ rule: LintRule) -> Bool {
        rule.isExperimental ? experimental.contains(rule) : !skip.contains(rule)
    }
}

extension RuleSelection {
    /// Parses `all` or rule names separated by commas.
    init(parsing text: String) {
        let text = text.trimmed
        self = text == "all" ? .all : .names(Set(text.split(separator: ",").map { String($0).trimmed }))
    }

    /// The rules that `check=skip=…` comments turn off; of the options only the first word counts.
    init(comments: [String]) {
        self = .none
        for comment in comments {
            guard let (key, value) = comment.cut(at: "="), key.trimmed.lowercased() == "check",
                let word = value.split(whereSeparator: \.isWhitespace).first,
                let options = try? CheckOptions(parsing: String(word))
            else { continue }
            self = union(options.skip)
        }
    }
}
