import BuildGraph
import OCI

extension Lowering {
    /// Finds what `SOURCE_DATE_EPOCH` asks for, from the build arguments or a global `ARG`; spec/01 §1.7.
    mutating func findEpoch() throws(FrontendError) {
        guard let text = scope.environment["SOURCE_DATE_EPOCH"] ?? arguments.values["SOURCE_DATE_EPOCH"],
            !text.isEmpty
        else { return }
        if let seconds = Int64(text), (0...Self.latestEpoch).contains(seconds) {
            epoch = .fixed(seconds)
        } else if text == "context" {
            epoch = try epochOfMainContext()
        } else if let (name, context) = request.contexts.override(of: text, platform: platform) {
            epoch = epoch(of: context, named: name)
        } else {
            throw FrontendError(.invalidSourceDateEpoch(text), at: [])
        }
    }

    /// The nanoseconds since 1970 that made directories get, or nil for now.
    var fileTime: Int64? {
        guard case .fixed(let seconds) = epoch else { return nil }
        return seconds * 1_000_000_000
    }

    /// Nanoseconds since 1970 fit 64 bits until the year 2262.
    private static let latestEpoch = Int64.max / 1_000_000_000

    /// A local directory has no time of its own.
    private mutating func epochOfMainContext() throws(FrontendError) -> SourceDateEpoch? {
        switch request.contexts.main {
        case .local, .empty: nil
        case .git, .archive: try mainContext().vertex.map { .ofSource($0) }
        }
    }

    private mutating func epoch(of context: NamedContext, named name: String) -> SourceDateEpoch? {
        switch context {
        case .directory, .image, .ociLayout, .empty: nil
        case .git, .archive: add(context, named: name).vertex.map { .ofSource($0) }
        }
    }
}
