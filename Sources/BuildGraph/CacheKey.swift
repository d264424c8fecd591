import OCI

/// What a stored result is found by: two vertices with the same key have the same result.
package struct CacheKey: Hashable, Sendable, CustomStringConvertible {
    /// What an input contributes to a key.
    package enum Input: Hashable, Sendable {
        case scratch
        /// The input's own key.
        case key(CacheKey)
        /// The digest of the selected content.
        case content(Digest)
    }

    package let digest: Digest

    /// The key with a known digest, as read from storage.
    package init(digest: Digest) {
        self.digest = digest
    }

    /// The key of an operation, by its cache identity, on given inputs.
    package init(identity: Digest, inputs: [Input]) {
        var encoder = CanonicalEncoder(.cacheKey)
        encoder.append("key")
        encoder.append(identity)
        encoder.append(inputs) { encoder, input in
            switch input {
            case .scratch:
                encoder.append("scratch")
            case .key(let key):
                encoder.append("key")
                encoder.append(key.digest)
            case .content(let digest):
                encoder.append("content")
                encoder.append(digest)
            }
        }
        digest = encoder.digest
    }

    /// The digest as text.
    package var description: String { digest.description }
}

extension Vertex {
    /// The digest of all that counts for the result, apart from the inputs; spec/05 §5.2 and §5.3.
    ///
    /// `nil` where the definition alone doesn't say what the result is: a local directory, a Git reference not yet
    /// resolved, a file without checksum.
    package var cacheIdentity: Digest? {
        switch operation {
        case .source(.local), .source(.git): nil
        case .source(.http(let http)) where http.checksum == nil: nil
        case .source, .exec, .file, .merge, .diff: cacheIdentity(pinnedTo: nil)
        }
    }

    /// As `cacheIdentity`, of a source that was found to be at `pin`: a full commit id of a Git reference, the digest
    /// (and what else counts) of a file.
    package func cacheIdentity(pinnedTo pin: String?) -> Digest {
        var encoder = CanonicalEncoder(.cacheKey)
        encoder.append("operation")
        operation.encode(into: &encoder)
        encoder.append(pin)
        if case .exec = operation {
            encoder.append(platform) { $0.append($1) }
        }
        return encoder.digest
    }

    /// The digest of all that is said about a vertex.
    static func identity(operation: Operation, inputs: [VertexInput], platform: Platform?) -> Digest {
        var encoder = CanonicalEncoder(.identity)
        encoder.append("vertex")
        operation.encode(into: &encoder)
        encoder.append(platform) { $0.append($1) }
        encoder.append(inputs) { encoder, input in
            encoder.append(input.vertex) { $0.append($1) }
        }
        return encoder.digest
    }
}
