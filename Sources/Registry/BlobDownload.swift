import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import OCI

/// Some bytes of a blob.
package struct BlobChunk: Sendable {
    private let buffer: ByteBuffer

    init(_ buffer: ByteBuffer) {
        self.buffer = buffer
    }

    /// The number of bytes.
    package var count: Int { buffer.readableBytes }

    /// Calls `body` with the bytes, which are valid only meanwhile.
    package func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try buffer.withUnsafeReadableBytes(body)
    }
}

/// A blob's bytes in order, fetched as they are asked for.
///
/// The end is only reached when size and digest are right. A broken connection is made again where it broke.
package struct BlobDownload: AsyncSequence, Sendable {
    package typealias Element = BlobChunk

    let client: RegistryClient
    let descriptor: Descriptor
    let reference: ImageReference

    package func makeAsyncIterator() -> Iterator {
        Iterator(client: client, descriptor: descriptor, reference: reference)
    }

    /// Where the download is.
    package struct Iterator: AsyncIteratorProtocol {
        private let client: RegistryClient
        private let descriptor: Descriptor
        private let reference: ImageReference
        private var body: HTTPClientResponse.Body.AsyncIterator?
        private var hasher: DigestHasher
        private var offset: Int64 = 0
        /// Bytes that the server sends again although it was asked not to.
        private var surplus: Int64 = 0
        private var failures = 0
        private var progressAtFailure: Int64 = 0
        private var isComplete = false

        init(client: RegistryClient, descriptor: Descriptor, reference: ImageReference) {
            self.client = client
            self.descriptor = descriptor
            self.reference = reference
            hasher = DigestHasher(descriptor.digest.algorithm)
        }

        /// Returns the next bytes, `nil` after the last when all were right.
        package mutating func next() async throws -> BlobChunk? {
            while !isComplete {
                do {
                    if let chunk = try await advance() {
                        return chunk
                    }
                } catch let error as RegistryError where error.isTransient {
                    try await recover(error)
                }
            }
            return nil
        }

        private mutating func advance() async throws -> BlobChunk? {
            if body == nil {
                try await open()
            }
            guard var buffer = try await read() else {
                try finish()
                return nil
            }
            let skipped = Swift.min(surplus, Int64(buffer.readableBytes))
            surplus -= skipped
            buffer.moveReaderIndex(forwardBy: Int(skipped))
            guard buffer.readableBytes > 0 else { return nil }
            offset += Int64(buffer.readableBytes)
            guard offset <= descriptor.size else {
                throw RegistryError.sizeMismatch(subject: subject, got: offset, want: descriptor.size)
            }
            buffer.withUnsafeReadableBytes { hasher.update($0) }
            client.configuration.onEvent(.downloaded(descriptor.digest, offset: offset, total: descriptor.size))
            return BlobChunk(buffer)
        }

        private mutating func read() async throws -> ByteBuffer? {
            do {
                return try await body?.next()
            } catch {
                throw translate(error, registry: reference.registryHost)
            }
        }

        private mutating func open() async throws {
            let response = try await client.openBlob(descriptor, of: reference, from: offset)
            surplus = response.status == .partialContent ? 0 : offset
            let rest = contentLength(response.headers)
            if let rest, rest - surplus != descriptor.size - offset {
                throw RegistryError.sizeMismatch(subject: subject, got: offset - surplus + rest, want: descriptor.size)
            }
            body = response.body.makeAsyncIterator()
        }

        private mutating func finish() throws {
            guard offset == descriptor.size else {
                throw RegistryError.interrupted(
                    registry: reference.registryHost,
                    reason: "ended after \(offset) of \(descriptor.size) bytes"
                )
            }
            let got = hasher.finalize()
            guard got == descriptor.digest else {
                throw RegistryError.digestMismatch(got: got, want: descriptor.digest)
            }
            isComplete = true
            body = nil
        }

        /// Counts failures in a row; a megabyte of progress forgives the earlier ones.
        private mutating func recover(_ error: RegistryError) async throws {
            failures = offset - progressAtFailure >= 1 << 20 ? 1 : failures + 1
            progressAtFailure = offset
            body = nil
            guard failures < client.configuration.tries else { throw error }
            try await client.pause(before: failures + 1, subject: subject, reason: "\(error)")
        }

        private var subject: String { descriptor.digest.description }
    }
}

extension RegistryClient {
    /// Returns a blob's bytes as they arrive, verified against the descriptor's size and digest.
    package func blob(_ descriptor: Descriptor, of reference: ImageReference) -> BlobDownload {
        BlobDownload(client: self, descriptor: descriptor, reference: reference)
    }

    /// Opens a blob at an offset; the answer's status is 200 or 206.
    func openBlob(
        _ descriptor: Descriptor,
        of reference: ImageReference,
        from offset: Int64
    ) async throws -> HTTPClientResponse {
        var call = Call(
            .GET,
            reference,
            "blobs/\(descriptor.digest)",
            subject: "\(reference.name)@\(descriptor.digest)"
        )
        if offset > 0 {
            call.headers.add(name: "Range", value: "bytes=\(offset)-")
        }
        let response = try await send(call)
        switch response.status {
        case .ok: return response
        case .partialContent:
            let range = response.headers.first(name: "Content-Range") ?? ""
            guard range.hasPrefix("bytes \(offset)-") else {
                throw RegistryError.invalidResponse(subject: call.subject, reason: "wrong range `\(printable(range))`")
            }
            return response
        case .rangeNotSatisfiable:
            throw RegistryError.sizeMismatch(subject: call.subject, got: offset, want: descriptor.size)
        case .notFound where MediaType.isForeignLayer(descriptor.mediaType) && !descriptor.urls.isEmpty:
            return try await openForeign(descriptor, offset)
        default:
            try await fail(call, response)
        }
    }

    /// Opens a foreign layer at one of its own addresses, without credentials.
    private func openForeign(_ descriptor: Descriptor, _ offset: Int64) async throws -> HTTPClientResponse {
        for url in descriptor.urls where url.hasPrefix("https://") {
            var request = WireRequest(method: .GET, url: url, registry: url)
            if offset > 0 {
                request.headers.add(name: "Range", value: "bytes=\(offset)-")
            }
            let response = try await transport.send(request)
            if response.status == .ok || response.status == .partialContent {
                return response
            }
            await drain(response)
        }
        throw RegistryError.notFound(descriptor.digest.description)
    }
}
