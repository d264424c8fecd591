import AsyncHTTPClient
import NIOHTTP1
import OCI

/// A manifest or index, as the registry has it.
package struct ManifestDocument: Hashable, Sendable {
    /// What the document is; its digest and size are those of `bytes`.
    package let descriptor: Descriptor
    /// The document's bytes.
    package let bytes: [UInt8]
}

extension RegistryClient {
    /// Returns what a reference names now, without reading it where the registry can tell: HEAD, then GET.
    package func resolve(_ reference: ImageReference) async throws -> Descriptor {
        let reference = reference.withDefaultTag()
        let call = Self.manifestCall(.HEAD, reference)
        let response = try await send(call)
        switch response.status.code {
        case 200:
            await drain(response)
            if let descriptor = try Self.descriptor(response.headers, reference) {
                return descriptor
            }
        case 400, 401, 403, 404, 405, 429, 501:
            // A HEAD has no body, or is not known there; the GET's answer says why.
            await drain(response)
        default:
            try await fail(call, response)
        }
        return try await manifest(reference).descriptor
    }

    /// Reads the manifest or index of a reference; verified if the reference has a digest.
    package func manifest(_ reference: ImageReference) async throws -> ManifestDocument {
        let reference = reference.withDefaultTag()
        let call = Self.manifestCall(.GET, reference)
        let response = try await send(call)
        guard response.status == .ok else { try await fail(call, response) }
        let bytes = try await collect(
            response,
            limit: Self.documentLimit,
            subject: call.subject,
            registry: call.host
        )
        let want = reference.digest
        let got = digest(of: bytes, want?.algorithm ?? .sha256)
        if let want, want != got {
            throw RegistryError.digestMismatch(got: got, want: want)
        }
        let mediaType = try documentMediaType(
            bytes,
            header: response.headers.first(name: "Content-Type"),
            subject: call.subject
        )
        let descriptor = Descriptor(mediaType: mediaType, digest: got, size: Int64(bytes.count))
        return ManifestDocument(descriptor: descriptor, bytes: bytes)
    }

    /// Reads the manifest with this digest of a reference's repository.
    package func manifest(_ reference: ImageReference, digest: Digest) async throws -> ManifestDocument {
        try await manifest(reference.withDigest(digest))
    }

    private static func manifestCall(_ method: HTTPMethod, _ reference: ImageReference) -> Call {
        let name = reference.digest?.description ?? reference.tag ?? "latest"
        var call = Call(method, reference, "manifests/\(name)", subject: reference.description)
        let accepted = [
            MediaType.ociIndex, MediaType.ociManifest, MediaType.dockerIndex, MediaType.dockerManifest,
        ]
        call.headers.add(name: "Accept", value: accepted.joined(separator: ", "))
        return call
    }

    private static func descriptor(_ headers: HTTPHeaders, _ reference: ImageReference) throws -> Descriptor? {
        let mediaType = (headers.first(name: "Content-Type") ?? "").prefix { $0 != ";" }
        guard MediaType.isIndex(String(mediaType)) || MediaType.isManifest(String(mediaType)),
            let size = contentLength(headers), size > 0,
            let digest = headers.first(name: "Docker-Content-Digest").flatMap({ try? Digest($0) })
        else { return nil }
        if let want = reference.digest, want != digest {
            throw RegistryError.digestMismatch(got: digest, want: want)
        }
        return Descriptor(mediaType: String(mediaType), digest: digest, size: size)
    }
}

/// Returns the media type that a document itself names, else that of the header.
///
/// The digest covers the document and not the header, so the document is believed first.
private func documentMediaType(_ bytes: [UInt8], header: String?, subject: String) throws -> String {
    let header = String((header ?? "").prefix { $0 != ";" })
    let index = Result { () throws(DocumentError) in try Index(json: bytes) }
    switch index {
    case .success(let index) where !index.manifests.isEmpty || MediaType.isIndex(index.mediaType):
        let mediaType = index.mediaType.isEmpty ? header : index.mediaType
        return MediaType.isIndex(mediaType) ? mediaType : MediaType.ociIndex
    default:
        let manifest = try Manifest(json: bytes)
        let mediaType = manifest.mediaType.isEmpty ? header : manifest.mediaType
        if MediaType.isManifest(mediaType) {
            return mediaType
        }
        guard manifest.mediaType.isEmpty else {
            throw RegistryError.unsupportedMediaType(subject: subject, mediaType: printable(mediaType))
        }
        return manifest.config.mediaType == MediaType.dockerConfig ? MediaType.dockerManifest : MediaType.ociManifest
    }
}

/// Returns the digest of bytes by a given hash function.
func digest(of bytes: [UInt8], _ algorithm: Digest.Algorithm) -> Digest {
    var hasher = DigestHasher(algorithm)
    hasher.update(bytes)
    return hasher.finalize()
}
