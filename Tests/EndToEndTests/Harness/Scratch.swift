import Glibc

/// A directory that every user may enter, removed with everything below it when nobody holds it any more.
final class Scratch: Sendable {
    let root: String

    /// The directory of what all tests share; it goes when the test run ends, however it ends.
    static let shared: Scratch = {
        let scratch = Scratch(removed: .atTheEnd)
        return scratch
    }()

    private enum Removal {
        case withTheObject
        case atTheEnd
    }

    private let removal: Removal

    /// Makes a new empty directory under `TMPDIR`, else `/var/tmp`.
    convenience init() { self.init(removed: .withTheObject) }

    private init(removed removal: Removal) {
        self.removal = removal
        var template = Array("\(Machine.environment("TMPDIR") ?? "/var/tmp")/swbuild-test-XXXXXX".utf8CString)
        root =
            mkdtemp(&template) == nil
            ? "/nonexistent" : String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        chmod(root, 0o755)
        if removal == .atTheEnd { Janitor.afterTheTests("rm -rf --one-file-system \"$1\"", [root]) }
    }

    deinit {
        if removal == .withTheObject { _ = try? Command("rm", ["-rf", "--one-file-system", root]).run() }
    }

    func path(_ name: String) -> String { "\(root)/\(name)" }

    /// Writes a text file, with the directories above it.
    @discardableResult
    func write(_ name: String, _ text: String, permissions: mode_t = 0o644) throws -> String {
        let path = path(name)
        try FileTree.write(path, Array(text.utf8), permissions: permissions)
        return path
    }

    /// Makes a directory, with those above it.
    @discardableResult
    func directory(_ name: String) throws -> String {
        try Command.check("mkdir", ["-p", path(name)])
        return path(name)
    }
}
