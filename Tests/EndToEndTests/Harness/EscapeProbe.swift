import Glibc

/// The program that tries to leave its step, `testdata/escape/escape.c`, and what it must be told.
enum EscapeProbe {
    /// The program, compiled for an image without libraries.
    static let program = Result {
        let program = Scratch.shared.path("escape")
        let source = "\(Machine.checkout)/testdata/escape/escape.c"
        try Command.check("cc", ["-static", "-O1", "-Wall", "-Werror", "-o", program, source])
        return program
    }

    static var isAvailable: Bool { Machine.has("cc") }

    /// Whose refusals are expected.
    enum Builder: Int {
        /// Root of the machine.
        case root
        /// Root of a user namespace.
        case user
        /// Root without namespaces.
        case confined
    }

    /// The answers that are refusals, by attempt.
    static func refusals(for builder: Builder) throws -> [String: [String]] {
        let text = try FileTree.text("\(Machine.checkout)/testdata/escape/refusals.txt")
        var refusals: [String: [String]] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix(";") {
            guard let (name, answers) = pair(line) else { continue }
            let columns = answers.split(separator: "|").map { $0.split(separator: " ").map(String.init) }
            refusals[name] = builder.rawValue < columns.count ? columns[builder.rawValue] : columns.first
        }
        return refusals
    }

    /// The answers in the plain progress of a build.
    static func answers(_ outcome: Outcome) -> [String: String] {
        var answers: [String: String] = [:]
        for line in outcome.errorLines where line.hasPrefix("#") {
            // `#7 0.049 keyctl: EPERM`
            let words = line.split(separator: " ", maxSplits: 2)
            if words.count == 3, Double(words[1]) != nil, let (name, answer) = pair(words[2]) { answers[name] = answer }
        }
        return answers
    }

    private static func pair(_ line: Substring) -> (String, String)? {
        guard let end = line.lastRange(of: ": ") else { return nil }
        return (String(line[..<end.lowerBound]), String(line[end.upperBound...]))
    }

    /// The numbers of the device that holds a file.
    static func device(of path: String) throws -> [String] {
        try FileTree.status(path, "%Hd %Ld").split(separator: " ").map(String.init)
    }
}

extension Substring {
    /// The last place of `text`.
    fileprivate func lastRange(of text: String) -> Range<Substring.Index>? {
        indices.last { self[$0...].hasPrefix(text) }.map { $0..<index($0, offsetBy: text.count) }
    }
}

/// A listening socket without a file, in the network that a step may share.
struct AbstractSocket: ~Copyable {
    private let descriptor: Int32

    init(_ name: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0[1...].copyBytes(from: name.utf8) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + 1 + name.utf8.count)
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        guard code == 0, listen(descriptor, 64) == 0 else { throw Command.Failure.cannotStart("a socket", errno) }
    }

    /// Whether somebody has connected.
    func hasVisitor() -> Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&waiting, 1, 0) > 0
    }

    deinit { close(descriptor) }
}
