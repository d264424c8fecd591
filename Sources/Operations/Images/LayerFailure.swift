import OCI

/// That a layer of an image, or of a cache, could not be fetched.
struct LayerFailure: HintedError, CustomStringConvertible {
    let layer: Digest
    let cause: any Error

    var description: String { "cannot fetch layer \(layer): \(cause)" }

    var hint: String? { (cause as? any HintedError)?.hint }
}
