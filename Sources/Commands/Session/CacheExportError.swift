import OCI

/// That something could not be written to a cache elsewhere.
struct CacheExportError: HintedError, CustomStringConvertible {
    /// What it is, with its digest.
    let item: String
    let destination: String
    let cause: any Error
    /// What may be done where nothing is known of the cause.
    var remedy: String?

    var description: String { "cannot write \(item) to cache \(destination): \(cause)" }

    var hint: String? { (cause as? any HintedError)?.hint ?? remedy }
}
