import BuildGraph
import OCI

/// Is told what a solve decides by, for whoever explains it afterwards.
package protocol SolveObserver: Sendable {
    /// The key of `vertex`, for which there may or may not be a stored result, is known.
    ///
    /// Told once for each vertex that gets a key, and not of those whose result is never stored.
    func keyed(_ vertex: Vertex, _ parts: KeyParts)
}

/// What the key of a vertex is made of.
package struct KeyParts: Hashable, Sendable {
    /// The digest of all that counts apart from the inputs.
    package let identity: Digest
    /// What each input contributes.
    package let inputs: [CacheKey.Input]

    /// The parts given.
    package init(identity: Digest, inputs: [CacheKey.Input]) {
        self.identity = identity
        self.inputs = inputs
    }

    /// The key that the parts make.
    package var key: CacheKey { CacheKey(identity: identity, inputs: inputs) }
}
