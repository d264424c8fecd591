import BuildGraph
import BuildProgress
import BuildSolver
import DockerfileParser
import Frontend
import LinuxSystem
import OCI

/// An error as a build ends with it: the source excerpt, one line with the chain of causes, and a hint (spec/09 §9.7).
struct ErrorReport {
    private let locations: [SourceLocation]
    private let message: String
    private let hint: String?
    private let culprit: String?
    /// The Dockerfile that locations are in.
    private let source: SourceFile?

    /// A report on `error`; `source` is the Dockerfile, once it was read, and `prefix` says what has failed.
    init(
        _ error: any Error,
        source: SourceFile? = nil,
        prefix: String = "failed to build: failed to solve: "
    ) {
        self.source = source
        var locations: [SourceLocation] = []
        var prefix = prefix
        var cause = error
        if let failure = error as? VertexFailure {
            locations = [failure.vertex.location].compactMap(\.self)
            cause = failure.underlying
        }
        switch cause {
        case let error as FrontendError: locations = error.locations
        case is OptionError, is UserNamespaceError: prefix = ""
        default: break
        }
        self.locations = locations
        message = prefix + Self.text(error)
        hint = (cause as? any HintedError)?.hint
        culprit = (cause as? any HintedError)?.culprit
    }

    /// Prints the report to stderr, in colour on a terminal.
    func print() {
        let color = StandardStream.error.isTerminal ? TerminalColors.ofThisProcess.error : nil
        func paint(_ text: String) -> String { TerminalColors.paint(text, color) }
        for location in locations {
            guard let source else { continue }
            let excerpt = SourceExcerpt.render(source, SourceRange(location), blaming: culprit, paint: paint)
            StandardStream.error.print(String(excerpt.dropLast()))
        }
        StandardStream.error.print("\(paint("ERROR:")) \(message)")
        if let hint { StandardStream.error.print("hint: \(hint)") }
    }

    /// The error in one line, without what comes before it.
    static func text(_ error: any Error) -> String {
        isCancellation(error) ? "Canceled: context canceled" : "\(error)"
    }

    /// Whether `error` says no more than that the build was interrupted.
    static func isCancellation(_ error: any Error) -> Bool {
        if let failure = error as? VertexFailure { return isCancellation(failure.underlying) }
        return error is CancellationError || error is Cancelled
    }
}
