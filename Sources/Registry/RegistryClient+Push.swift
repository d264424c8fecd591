import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import OCI

/// How a blob came to be in a repository.
package enum BlobPush: Hashable, Sendable {
    /// It was there.
    case existed
    /// The registry took it from another of its repositories.
    case mounted(from: String)
    case uploaded
}

extension RegistryClient {
    /// Whether a repository has a blob.
    package func hasBlob(_ digest: Digest, in reference: ImageReference) async throws -> Bool {
        var call = Call(.HEAD, reference, "blobs/\(digest)", subject: "\(reference.name)@\(digest)")
        call.scopes = [.push(reference.repository)]
        let response = try await send(call)
        guard response.status == .ok || response.status == .notFound else { try await fail(call, response) }
        await drain(response)
        return response.status == .ok
    }

    /// Puts a blob into a repository unless it is there; `source` is only read when it must be sent.
    ///
    /// `sibling` is a repository of the same registry that has the blob, if one is known.
    @discardableResult
    package func pushBlob(
        _ descriptor: Descriptor,
        to reference: ImageReference,
        from source: UploadSource,
        sibling: ImageReference? = nil
    ) async throws -> BlobPush {
        if try await hasBlob(descriptor.digest, in: reference) {
            return .existed
        }
        let donor = sibling.flatMap { $0.domain == reference.domain && $0.name != reference.name ? $0 : nil }
        var attempt = 0
        while true {
            attempt += 1
            do {
                return try await upload(descriptor, to: reference, from: source, donor: donor)
            } catch let error as RegistryError where error.isTransient && attempt < configuration.tries {
                try await pause(before: attempt + 1, subject: descriptor.digest.description, reason: "\(error)")
            }
        }
    }

    /// Puts a manifest or index under the reference's tag (`latest` if it has none), or else under its digest.
    @discardableResult
    package func pushManifest(
        _ bytes: [UInt8],
        mediaType: String,
        to reference: ImageReference
    ) async throws -> Descriptor {
        let digest = reference.digest.map { Registry.digest(of: bytes, $0.algorithm) } ?? .sha256(of: bytes)
        if let want = reference.digest, want != digest {
            throw RegistryError.digestMismatch(got: digest, want: want)
        }
        let name = reference.tag ?? reference.digest?.description ?? "latest"
        var call = Call(.PUT, reference, "manifests/\(name)", subject: reference.description)
        call.scopes = [.push(reference.repository)]
        call.headers.add(name: "Content-Type", value: mediaType)
        call.body = { .bytes(ByteBuffer(bytes: bytes)) }
        let response = try await send(call)
        guard (200..<300).contains(response.status.code) else { try await fail(call, response) }
        await drain(response)
        if let text = response.headers.first(name: "Docker-Content-Digest"), let got = try? Digest(text), got != digest
        {
            throw RegistryError.digestMismatch(got: got, want: digest)
        }
        return Descriptor(mediaType: mediaType, digest: digest, size: Int64(bytes.count))
    }

    private func upload(
        _ descriptor: Descriptor,
        to reference: ImageReference,
        from source: UploadSource,
        donor: ImageReference?
    ) async throws -> BlobPush {
        let subject = "\(reference.name)@\(descriptor.digest)"
        var start = Call(.POST, reference, "blobs/uploads/", subject: subject)
        start.scopes = [.push(reference.repository)]
        if let donor {
            start.path += "?" + formEncoded([("mount", descriptor.digest.description), ("from", donor.repository)])
            start.scopes.append(.pull(donor.repository))
        }
        let response = try await send(start)
        switch response.status {
        case .created where donor != nil:
            await drain(response)
            return .mounted(from: donor?.repository ?? "")
        case .accepted:
            await drain(response)
        case .unauthorized where donor != nil, .forbidden where donor != nil, .notFound where donor != nil:
            // The other repository is not ours to read: send the blob instead.
            await drain(response)
            return try await upload(descriptor, to: reference, from: source, donor: nil)
        default:
            try await fail(start, response)
        }
        var finish = Call(.PUT, reference, "", subject: subject)
        finish.scopes = start.scopes
        finish.path = try Self.uploadURL(response, descriptor.digest, reference)
        finish.headers.add(name: "Content-Type", value: "application/octet-stream")
        finish.isRepeatable = false
        let onEvent = configuration.onEvent
        finish.body = {
            source.body(descriptor) { offset in
                onEvent(.uploaded(descriptor.digest, offset: offset, total: descriptor.size))
            }
        }
        let answer = try await send(finish)
        guard answer.status == .created || answer.status == .noContent else { try await fail(finish, answer) }
        await drain(answer)
        onEvent(.uploaded(descriptor.digest, offset: descriptor.size, total: descriptor.size))
        return .uploaded
    }

    /// Returns where to send the bytes; the registry may answer with a path or a complete URL.
    private static func uploadURL(
        _ response: HTTPClientResponse,
        _ digest: Digest,
        _ reference: ImageReference
    ) throws -> String {
        guard let base = response.url, let location = response.headers.first(name: "Location"),
            var url = URL(string: location, relativeTo: base)?.absoluteURL
        else {
            throw RegistryError.invalidResponse(subject: reference.name, reason: "no place to upload to")
        }
        if base.scheme == "https", url.scheme == "http", url.host() == base.host(),
            var parts = URLComponents(url: url, resolvingAgainstBaseURL: true)
        {
            // A registry behind a proxy that does TLS does not know its own scheme.
            parts.scheme = "https"
            url = parts.url ?? url
        }
        guard url.scheme == "https" || url.scheme == base.scheme else {
            throw RegistryError.invalidResponse(subject: reference.name, reason: "the place to upload to is not secure")
        }
        let text = url.absoluteString
        return text + (text.contains("?") ? "&" : "?") + formEncoded([("digest", digest.description)])
    }
}
