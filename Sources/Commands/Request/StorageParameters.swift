import DockerfileParser
import Operations
import Storage

/// What is kept in the cache directory.
struct StorageParameters: Sendable {
    /// What it may take while builds run; nil where only old things are removed after builds.
    var limit: SpaceLimit?
    /// Where cache mounts come from, by their `id`.
    var imports: [String: CacheMountPlace] = [:]
    /// Where cache mounts go, in the order in which they were given.
    var exports: [(id: String, place: CacheMountPlace)] = []
}

extension BuildCommand {
    /// The variable that stands for `--cache-max-size` where that is not given.
    private static let limitVariable = "SWBUILD_CACHE_MAX_SIZE"

    func storageParameters(_ environment: [String: String]) throws(OptionError) -> StorageParameters {
        var parameters = StorageParameters(limit: try limit(environment))
        for text in cache.cacheMountFrom {
            let (id, place) = try CacheMountPlace.parse(text, option: "--cache-mount-from")
            guard parameters.imports.updateValue(place, forKey: id) == nil else {
                let reason = "there is another one with this id"
                throw .invalidValue(option: "--cache-mount-from", value: text, reason: reason)
            }
        }
        for text in cache.cacheMountTo {
            parameters.exports.append(try CacheMountPlace.parse(text, option: "--cache-mount-to"))
        }
        return parameters
    }

    private func limit(_ environment: [String: String]) throws(OptionError) -> SpaceLimit? {
        if let text = cache.cacheMaxSize { return try Self.limit(text, option: "--cache-max-size") }
        guard let text = environment[Self.limitVariable], !text.isEmpty else { return nil }
        return try Self.limit(text, option: Self.limitVariable)
    }

    private static func limit(_ text: String, option: String) throws(OptionError) -> SpaceLimit {
        if text.last == "%", let part = Double(text.dropLast()), part > 0, part <= 100 { return .percent(part) }
        guard let size = ByteSize.parse(text), size > 0 else {
            throw .invalidValue(option: option, value: text, reason: "a size such as `20GB` or `50%` is expected")
        }
        return .bytes(size)
    }
}
