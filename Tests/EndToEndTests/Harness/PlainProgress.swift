/// What the lines of `--progress=plain` say about each step.
struct PlainProgress {
    /// The last word on a step.
    enum End: String {
        case done = "DONE"
        case cached = "CACHED"
        case canceled = "CANCELED"
        case failed = "ERROR"
    }

    /// Step names in order of first appearance, each with its end.
    let steps: [(name: String, end: End?)]

    init(_ outcome: Outcome) {
        var names: [Substring: String] = [:]
        var order: [Substring] = []
        var ends: [Substring: End] = [:]
        for line in outcome.errorLines where line.hasPrefix("#") {
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2 else { continue }
            let number = parts[0]
            if names[number] == nil {
                names[number] = String(parts[1])
                order.append(number)
            } else if let end = End(rawValue: String(parts[1].prefix { $0.isUppercase })) {
                ends[number] = end
            }
        }
        steps = order.map { (names[$0] ?? "", ends[$0]) }
    }

    /// How the step ended whose name contains `text`.
    func end(of text: String) -> End? { steps.first { $0.name.contains(text) }?.end ?? nil }
}
