extension DeviceRequest {
    /// Parses `name[,required[=bool]]` or `name=…[,…]`; a name may itself hold an equals sign (`vendor/class=name`).
    package init(parsing text: String) throws(ParseError) {
        let fields: [String]
        do throws(ParseError) {
            fields = try CSVRecord.fields(of: text)
        } catch {
            throw ParseError("failed to parse csv devices: \(error.message)")
        }
        self.init(name: "", required: false)
        for field in fields { try read(field) }
        if name.isEmpty { throw ParseError("device name is required") }
    }

    private mutating func read(_ field: String) throws(ParseError) {
        let parts = field.cut(at: "=")
        switch ((parts?.before ?? field).lowercased(), parts?.after) {
        case ("required", nil): required = true
        case ("required", let value?):
            guard let flag = value.goBool else { throw ParseError("invalid value for required: \(value)") }
            required = flag
        case ("name", let value?) where name.isEmpty: name = value
        case (_, _) where name.isEmpty: name = field
        case (_, nil): throw ParseError("invalid field '\(field)' must be a key=value pair")
        case (let key, _):
            let near = Suggestion.nearest(to: key, among: ["name", "required"])
            throw ParseError("unexpected key '\(key)' in '\(field)'", suggestion: near)
        }
    }
}
