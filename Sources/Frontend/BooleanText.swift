/// Booleans as Go's `strconv.ParseBool` reads them.
enum BooleanText {
    /// The value of `1`, `t`, `true`, `0`, `f`, `false` and their capitalised forms; nil for other text.
    static func value(of text: String) -> Bool? {
        switch text {
        case "1", "t", "T", "true", "TRUE", "True": true
        case "0", "f", "F", "false", "FALSE", "False": false
        default: nil
        }
    }
}
