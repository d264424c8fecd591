/// What progress calls a step, taken apart: `[linux/arm64 build 2/5] RUN make`.
struct StepLabel: Hashable, Sendable {
    /// `linux/arm64 build`; nil where the name has no label.
    let stage: String?
    /// `RUN make`.
    let text: String

    init(_ name: String) {
        guard name.hasPrefix("["), let end = name.firstRange(of: "] ") else {
            stage = nil
            text = name
            return
        }
        var words = name[name.index(after: name.startIndex)..<end.lowerBound].split(separator: " ")
        if let last = words.last, last.contains("/"), last.allSatisfy({ $0.isNumber || $0 == "/" }) {
            words.removeLast()
        }
        stage = words.joined(separator: " ")
        text = String(name[end.upperBound...])
    }
}
