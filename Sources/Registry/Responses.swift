import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1

/// Reads a whole body that must not be larger than a limit.
func collect(_ response: HTTPClientResponse, limit: Int, subject: String, registry: String) async throws -> [UInt8] {
    if let length = contentLength(response.headers), length > limit {
        throw RegistryError.tooLarge(subject: subject, limit: limit)
    }
    do {
        var bytes: [UInt8] = []
        for try await buffer in response.body {
            guard bytes.count + buffer.readableBytes <= limit else {
                throw RegistryError.tooLarge(subject: subject, limit: limit)
            }
            bytes.append(contentsOf: buffer.readableBytesView)
        }
        return bytes
    } catch {
        throw translate(error, registry: registry)
    }
}

/// Returns the length that a head announces.
func contentLength(_ headers: HTTPHeaders) -> Int64? {
    headers.first(name: "Content-Length").flatMap { Int64($0) }.flatMap { $0 < 0 ? nil : $0 }
}

/// Returns the seconds of `Retry-After`; a date is not understood.
func retryAfter(_ headers: HTTPHeaders) -> Int? {
    headers.first(name: "Retry-After").flatMap { Int($0) }.map { max(0, $0) }
}

/// Returns what a server says about an error: the registry's JSON errors, a token service's `details`.
func serverMessage(_ body: [UInt8]) -> String? {
    struct Answer: Decodable {
        struct Failure: Decodable {
            let code: String?
            let message: String?
        }

        let errors: [Failure]?
        let details: String?
        let message: String?
    }
    guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(body)) else { return nil }
    if let failure = answer.errors?.first {
        let words = [failure.code?.lowercased(), failure.message].compactMap(\.self).filter { !$0.isEmpty }
        return words.isEmpty ? nil : printable(words.joined(separator: ": "))
    }
    return (answer.details ?? answer.message).map(printable)
}

/// Makes a server's text safe for a terminal: one line, no control characters, at most 300 characters.
func printable(_ text: String) -> String {
    let scalars = text.unicodeScalars.prefix(300).map { scalar -> Unicode.Scalar in
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: " "
        default: scalar
        }
    }
    return String(String.UnicodeScalarView(scalars))
}
