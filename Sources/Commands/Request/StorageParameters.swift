import DockerfileParser
import Storage

/// What is kept in the cache directory.
struct StorageParameters: Sendable {
    /// What it may take while builds run; nil where only old things are removed after builds.
    var limit: SpaceLimit?
}

extension BuildCommand {
    /// The variable that stands for `--cache-max-size` where that is not given.
    private static let limitVariable = "SWBUILD_CACHE_MAX_SIZE"

    func storageParameters(_ environment: [String: String]) throws(OptionError) -> StorageParameters {
        if let text = storage.cacheMaxSize {
            return StorageParameters(limit: try Self.limit(text, option: "--cache-max-size"))
        }
        guard let text = environment[Self.limitVariable], !text.isEmpty else { return StorageParameters() }
        return StorageParameters(limit: try Self.limit(text, option: Self.limitVariable))
    }

    private static func limit(_ text: String, option: String) throws(OptionError) -> SpaceLimit {
        if text.last == "%", let part = Double(text.dropLast()), part > 0, part <= 100 { return .percent(part) }
        guard let size = ByteSize.parse(text), size > 0 else {
            throw .invalidValue(option: option, value: text, reason: "a size such as `20GB` or `50%` is expected")
        }
        return .bytes(size)
    }
}
