import FoundationEssentials

/// Decodes a document, and turns what the decoder throws into one line.
func decodeDocument<Document: Decodable>(
    _ type: Document.Type,
    kind: String,
    _ bytes: some Sequence<UInt8>
) throws(DocumentError) -> Document {
    do {
        return try JSONDecoder().decode(type, from: Data(bytes))
    } catch let error as DocumentError {
        throw error
    } catch let error as DecodingError {
        throw .malformed(kind: kind, reason: reason(error))
    } catch {
        throw .malformed(kind: kind, reason: "\(error)")
    }
}

private func reason(_ error: DecodingError) -> String {
    switch error {
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
        return "unexpected value at `\(path(context.codingPath))`"
    case .keyNotFound(let key, let context):
        return "missing field `\(path(context.codingPath + [key]))`"
    case .dataCorrupted(let context):
        guard !context.codingPath.isEmpty else { return "invalid JSON" }
        return "invalid value at `\(path(context.codingPath))`: \(context.debugDescription)"
    @unknown default:
        return "invalid JSON"
    }
}

private func path(_ keys: [any CodingKey]) -> String {
    keys.map { key in key.intValue.map { String($0) } ?? key.stringValue }.joined(separator: ".")
}

/// A key of a document that is only known at run time.
struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) {
        self.stringValue = stringValue
    }

    init?(intValue: Int) {
        nil
    }
}

extension KeyedDecodingContainer {
    /// Returns the value, `nil` if it is absent, null, or empty: Go does not tell these apart.
    func nonEmpty<Value: Decodable & Collection>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        guard let value = try decodeIfPresent(type, forKey: key), !value.isEmpty else { return nil }
        return value
    }

    /// Returns the keys of an object whose values mean nothing.
    func names(forKey key: Key) throws -> Set<String> {
        guard contains(key), try !decodeNil(forKey: key) else { return [] }
        return Set(try nestedContainer(keyedBy: AnyKey.self, forKey: key).allKeys.map(\.stringValue))
    }
}
