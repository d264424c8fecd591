/// One record of comma-separated values (RFC 4180), as Go's `encoding/csv` reads it.
enum CSVRecord {
    /// The fields of the first record of `text`.
    static func fields(of text: String) throws(ParseError) -> [String] {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty else { throw ParseError("EOF") }
        var fields: [String] = []
        var position = 0
        while true {
            if position < bytes.count && bytes[position] == ASCII.doubleQuote {
                fields.append(try quotedField(bytes, &position))
            } else {
                let field = bytes[position...].prefix { $0 != ASCII.comma && $0 != ASCII.lineFeed }
                if let quote = field.firstIndex(of: ASCII.doubleQuote) {
                    throw ParseError("parse error on line 1, column \(quote + 1): bare \" in non-quoted-field")
                }
                fields.append(field.text)
                position = field.endIndex
            }
            guard position < bytes.count, bytes[position] == ASCII.comma else { return fields }
            position += 1
        }
    }

    private static func quotedField(_ bytes: [UInt8], _ position: inout Int) throws(ParseError) -> String {
        var field: [UInt8] = []
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            guard byte == ASCII.doubleQuote else {
                field.append(byte)
                continue
            }
            guard position < bytes.count else { return field.text }
            switch bytes[position] {
            case ASCII.doubleQuote:
                field.append(byte)
                position += 1
            case ASCII.comma, ASCII.lineFeed: return field.text
            default:
                throw ParseError("parse error on line 1, column \(position): extraneous or missing \" in quoted-field")
            }
        }
        throw ParseError("parse error on line 1, column \(position + 1): extraneous or missing \" in quoted-field")
    }
}
