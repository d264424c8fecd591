import TestRandomness

/// The files of a build context and its ignore file, as values.
struct ModelContext: Equatable {
    enum Entry: Equatable {
        case file(text: String, mode: UInt32)
        case link(target: String)
    }

    /// By path; directories are those that have something below them, with mode 0755.
    var entries: [String: Entry] = [:]
    /// Paths and `*.log` in the ignore file; nil where there is none.
    var ignored: [String]?

    static let names = ["a.txt", "b.txt", "c.log", "d/a.txt", "d/b.txt", "d/c.log", "d/e/a.txt", "f/a.txt", "f/x"]
    /// Few, so that contents come back.
    static let texts = ["1\n", "2\n", "1\n2\n", "", "3\n"]
    static let modes: [UInt32] = [0o644, 0o755, 0o600, 0o4755]
    static let patterns = ["c.log", "d/c.log", "**/*.log", "d/e", "f/x", "!c.log", "b.txt"]
    /// What an instruction may name.
    static let sources = ["a.txt", "d", "d/a.txt", "d/*.txt", "f", "*.txt", "d/e", "."]

    /// Files that are there at the beginning: every directory has one that no edit takes away.
    init() {
        for name in Self.names { entries[name] = .file(text: "1\n", mode: 0o644) }
    }

    /// What is visible of a source, one line for each entry; an instruction depends on nothing else of the context.
    func content(of source: String) -> String {
        // The ignore file is a file of the context, too.
        var lines = source == "." ? ["\(ignored ?? ["none"])"] : []
        for (path, entry) in entries.sorted(by: { $0.key < $1.key }) where selects(source, path) && !isIgnored(path) {
            lines.append("\(path) \(entry)")
        }
        return lines.joined(separator: "\n")
    }

    private func selects(_ source: String, _ path: String) -> Bool {
        if source == "." { return true }
        guard source.hasSuffix("*.txt") else { return path == source || path.hasPrefix(source + "/") }
        let directory = source.dropLast(5)
        return path.hasPrefix(directory) && path.hasSuffix(".txt") && !path.dropFirst(directory.count).contains("/")
    }

    private func isIgnored(_ path: String) -> Bool {
        var result = false
        for pattern in ignored ?? [] {
            let positive = pattern.hasPrefix("!") ? String(pattern.dropFirst()) : pattern
            let matches =
                positive == "**/*.log" ? path.hasSuffix(".log") : path == positive || path.hasPrefix(positive + "/")
            if matches { result = !pattern.hasPrefix("!") }
        }
        return result
    }

    /// Changes one thing.
    mutating func edit(_ random: inout Randomness) {
        let path = random.one(of: Self.names)
        switch Int.random(in: 0..<10, using: &random) {
        case 0...3: entries[path] = .file(text: random.one(of: Self.texts), mode: mode(of: path))
        case 4, 5:
            guard case .file(let text, _) = entries[path] else { return }
            entries[path] = .file(text: text, mode: random.one(of: Self.modes))
        case 6: entries[path] = .link(target: random.one(of: ["a.txt", "x", "../f/x", "nowhere"]))
        case 7: if path != "a.txt", path != "d/a.txt", path != "d/e/a.txt", path != "f/a.txt" { entries[path] = nil }
        case 8:
            let other = random.one(of: Self.names)
            (entries[path], entries[other]) = (entries[other], entries[path])
        default:
            let pattern = random.one(of: Self.patterns)
            var patterns = ignored ?? []
            if let index = patterns.firstIndex(of: pattern) {
                patterns.remove(at: index)
            } else {
                patterns.append(pattern)
            }
            ignored = patterns
        }
    }

    private func mode(of path: String) -> UInt32 {
        if case .file(_, let mode) = entries[path] { mode } else { 0o644 }
    }

    /// A script of `sh` that changes the directory `$1` from another context to this one; what is equal is not touched.
    func script(since old: ModelContext?) -> String {
        var lines = ["cd \"$1\""]
        for path in Set(entries.keys).union(old?.entries.keys ?? [:].keys).sorted()
        where entries[path] != old?.entries[path] {
            lines.append("rm -f '\(path)'; mkdir -p \"$(dirname '\(path)')\"")
            switch entries[path] {
            case .file(let text, let mode):
                lines.append("printf '%s' '\(text)' >'\(path)'; chmod \(String(mode, radix: 8)) '\(path)'")
            case .link(let target): lines.append("ln -s '\(target)' '\(path)'")
            case nil: lines.append("rmdir -p --ignore-fail-on-non-empty \"$(dirname './\(path)')\" 2>/dev/null || true")
            }
        }
        if ignored != old?.ignored {
            let patterns = ignored.map { $0.map { "'\($0)'" }.joined(separator: " ") }
            lines.append(patterns.map { "printf '%s\\n' \($0) >.dockerignore" } ?? "rm .dockerignore")
        }
        return lines.joined(separator: "\n")
    }
}
