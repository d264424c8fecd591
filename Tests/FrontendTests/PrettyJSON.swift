/// Lays out compact JSON with one member or element a line.
enum PrettyJSON {
    static func text(of bytes: [UInt8]) -> String {
        var result = ""
        var indent = 0
        var isString = false
        var isEscaped = false
        let newline = { "\n" + String(repeating: " ", count: $0) }
        for character in String(decoding: bytes, as: UTF8.self) {
            if isString {
                result.append(character)
                if !isEscaped, character == "\"" { isString = false }
                isEscaped = !isEscaped && character == "\\"
                continue
            }
            switch character {
            case "\"":
                isString = true
                result.append(character)
            case "{", "[":
                indent += 1
                result += "\(character)" + newline(indent)
            case "}", "]":
                indent -= 1
                result += newline(indent) + "\(character)"
            case ",": result += "," + newline(indent)
            default: result.append(character)
            }
        }
        return result + "\n"
    }
}
