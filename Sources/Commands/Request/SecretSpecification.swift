import LinuxSystem

/// One `--secret` (spec/02 §2.4).
///
/// The value itself is read when a step uses it, and is nowhere kept.
package struct SecretSpecification: Hashable, Sendable {
    /// Where the value is.
    package enum Source: Hashable, Sendable {
        case file(String)
        case environment(String)
    }

    package let id: String
    package let source: Source

    /// Understands `[type=file|env,]id=ID[,src=PATH|env=NAME]`; with only an id an environment variable of that name
    /// is used, else a file.
    package init(parsing text: String, environment: [String: String]) throws(OptionError) {
        var id: String?
        var source: String?
        var variable: String?
        var type: String?
        for (key, value) in try CSVFields(text).pairs {
            guard let value else { throw .expectedPair(option: "--secret", value: text) }
            switch key {
            case "type": type = value
            case "id": id = value
            case "src", "source": source = value
            case "env": variable = value
            default:
                throw .invalidValue(option: "--secret", value: text, reason: "unexpected key '\(key)'")
            }
        }
        guard type == nil || type == "file" || type == "env" else {
            throw .invalidValue(option: "--secret", value: text, reason: "unsupported secret type \"\(type ?? "")\"")
        }
        guard let id, !id.isEmpty else {
            throw .invalidValue(option: "--secret", value: text, reason: "id is missing")
        }
        self.id = id
        if let name = variable ?? (type == "env" ? source ?? id : nil) {
            self.source = .environment(name)
        } else if let source {
            self.source = .file(source)
        } else {
            self.source = environment[id] == nil ? .file(id) : .environment(id)
        }
    }

    /// Refuses a file that is not there, before anything is built.
    func validate() throws(OptionError) {
        guard case .file(let path) = source else { return }
        let kind: FileKind
        do throws(SystemError) {
            kind = try FileStatus.of(Path(path)).kind
        } catch {
            throw .conflicting("failed to stat \(path): \(SystemError.reason(error.code))")
        }
        if kind == .directory { throw .fileUnreadable(path, reason: "it is a directory") }
    }
}
