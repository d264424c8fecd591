import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1

/// A file to be fetched, and what is known of it already.
package struct FileRequest: Sendable {
    /// May hold a user and a password, which are sent as basic authorization and never shown.
    package var url: String
    /// What the file is called in messages: its URL without credentials.
    package var name: String
    /// Additional headers.
    package var headers: [String: String] = [:]
    /// The value of the `Authorization` header; it goes before the URL's user and password.
    package var authorization: Secret?
    /// What the server said of the version that is there: with one of them it may answer that it has no other.
    package var known: FileValidators?

    /// The file behind `url`, of which no version is there.
    package init(url: String, name: String) {
        self.url = url
        self.name = name
    }
}

/// By what a server recognises a version of a file (RFC 9110 §8.8).
package struct FileValidators: Hashable, Sendable {
    /// The `ETag` header as it came.
    package var entityTag: String?
    /// The `Last-Modified` header as it came; nil where the version may have changed within the same second.
    package var lastModified: String?

    package init(entityTag: String?, lastModified: String?) {
        self.entityTag = entityTag
        self.lastModified = lastModified
    }

    /// Whether the headers are those of this version; nil where they do not say.
    ///
    /// Tags are compared weakly (RFC 9110 §8.8.3.2).
    fileprivate func isVersion(of headers: HTTPHeaders) -> Bool? {
        func opaque(_ tag: String) -> Substring { tag.hasPrefix("W/") ? tag.dropFirst(2) : tag[...] }
        if let entityTag { return headers.first(name: "ETag").map { opaque($0) == opaque(entityTag) } }
        guard let lastModified else { return nil }
        return headers.first(name: "Last-Modified").map { $0 == lastModified }
    }
}

/// What a server answers.
package enum FileAnswer: Sendable {
    /// The version that is there is still the right one.
    case unchanged
    case content(FileContent)
}

/// A file on its way.
package struct FileContent: Sendable {
    /// Bytes; nil where the server does not say.
    package let size: Int64?
    /// Seconds since 1970, from `Last-Modified`; nil where the server does not say.
    package let modified: Int64?
    /// The name that `Content-Disposition` gives, as it came: no path may be made of it unseen.
    package let suggestedName: String?
    package let validators: FileValidators
    private let response: HTTPClientResponse
    private let name: String

    init(_ response: HTTPClientResponse, name: String) {
        self.response = response
        self.name = name
        let headers = response.headers
        size = contentLength(headers)
        let lastModified = headers.first(name: "Last-Modified")
        modified = lastModified.flatMap(HTTPDate.seconds)
        suggestedName = headers.first(name: "Content-Disposition").flatMap(ContentDisposition.filename)
        let date = headers.first(name: "Date").flatMap(HTTPDate.seconds)
        // A date of a second's precision identifies a version only if that second was over (RFC 9110 §8.8.2.2).
        let isStrong = if let modified, let date { date - modified >= 60 } else { false }
        validators = FileValidators(
            entityTag: headers.first(name: "ETag"),
            lastModified: isStrong ? lastModified : nil
        )
    }

    /// Calls `body` with the bytes in order, as they arrive; throws ``FileError/interrupted(_:reason:)`` where they end
    /// early.
    package func read(_ body: (BlobChunk) throws -> Void) async throws {
        var count: Int64 = 0
        var chunks = response.body.makeAsyncIterator()
        while let chunk = try await next(&chunks) {
            count += Int64(chunk.readableBytes)
            try body(BlobChunk(chunk))
        }
        if let size, count != size {
            throw FileError.interrupted(name, reason: "ended after \(count) of \(size) bytes")
        }
    }

    private func next(_ chunks: inout HTTPClientResponse.Body.AsyncIterator) async throws -> ByteBuffer? {
        do {
            return try await chunks.next()
        } catch {
            throw FileError.translate(error, name: name)
        }
    }
}

/// Fetches files over HTTP, through the proxies and with the certificates that the environment names.
package struct FileClient: Sendable {
    private let transport: Transport

    /// Makes a client; nothing is opened before the first request.
    package init(environment: [String: String]) {
        transport = Transport(environment: environment)
    }

    /// Begins to close all connections; must be called before the client goes away, and may be called twice.
    package func shutdown() {
        transport.shutdown()
    }

    /// Asks for a file; follows redirects, though never from https to http, and sends no authorization to other hosts.
    ///
    /// Throws ``FileError``.
    package func get(_ request: FileRequest) async throws -> FileAnswer {
        let response = try await send(.GET, request)
        switch response.status.code {
        case 200: return .content(FileContent(response, name: request.name))
        case 304 where request.known != nil:
            await drain(response)
            return .unchanged
        default:
            await drain(response)
            throw FileError.status(request.name, Int(response.status.code))
        }
    }

    /// Asks whether the version that is known is still the right one, with a `HEAD` that no file answers; nil where the
    /// server does not say, as one that knows no such question.
    ///
    /// Throws ``FileError`` where there is no answer at all, or no such file.
    package func isCurrent(_ request: FileRequest) async throws -> Bool? {
        guard let known = request.known else { return nil }
        let response = try await send(.HEAD, request)
        await drain(response)
        switch response.status.code {
        case 200: return known.isVersion(of: response.headers)
        case 304: return true
        case 404, 410: throw FileError.status(request.name, Int(response.status.code))
        default: return nil
        }
    }

    private func send(_ method: HTTPMethod, _ request: FileRequest) async throws -> HTTPClientResponse {
        let (url, credentials) = Self.split(request.url)
        var wire = WireRequest(method: method, url: url, registry: request.name)
        for (name, value) in request.headers { wire.headers.replaceOrAdd(name: name, value: value) }
        wire.authorization = request.authorization ?? credentials
        if let tag = request.known?.entityTag {
            wire.headers.add(name: "If-None-Match", value: tag)
        } else if let date = request.known?.lastModified {
            wire.headers.add(name: "If-Modified-Since", value: date)
        }
        do {
            return try await transport.send(wire)
        } catch {
            throw FileError.translate(error, name: request.name)
        }
    }

    /// A URL without user and password, and the `Authorization` header that they stand for (RFC 7617).
    private static func split(_ text: String) -> (url: String, authorization: Secret?) {
        guard var parts = URLComponents(string: text), let user = parts.user, !user.isEmpty else { return (text, nil) }
        let pair = Data("\(user):\(parts.password ?? "")".utf8)
        parts.user = nil
        parts.password = nil
        return (parts.string ?? text, Secret("Basic \(pair.base64EncodedString())"))
    }
}
