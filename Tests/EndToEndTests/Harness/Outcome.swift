/// How a program ended and all that it said.
struct Outcome: CustomStringConvertible, Sendable {
    /// The end as the parent sees it.
    enum Status: Hashable, Sendable {
        case exited(Int32)
        case signalled(Int32)
    }

    let status: Status
    let output: [UInt8]
    let errors: String

    var succeeded: Bool { status == .exited(0) }

    /// Standard output as text.
    var text: String { String(decoding: output, as: UTF8.self) }

    /// Standard error cut into lines.
    var errorLines: [Substring] { errors.split(separator: "\n", omittingEmptySubsequences: false) }

    var description: String {
        "\(status)\n--- stdout (\(output.count) bytes)\n\(text.prefix(2000))\n--- stderr\n\(errors.suffix(6000))"
    }
}
