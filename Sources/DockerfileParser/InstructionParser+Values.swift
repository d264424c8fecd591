extension InstructionParser {
    func parseArg() throws(ParseError) -> ArgInstruction {
        guard !words.isEmpty else { throw missingArgument }
        try refuseFlags()
        var declarations: [ArgDeclaration] = []
        for word in words {
            let (name, value) = word.cut(at: "=").map { ($0.before, Optional($0.after)) } ?? (word, nil)
            guard !name.isEmpty else { throw blankName }
            declarations.append(
                ArgDeclaration(name: name, defaultValue: value, description: origin.description(of: name))
            )
        }
        return ArgInstruction(origin: origin, declarations: declarations)
    }

    func parseEnv() throws(ParseError) -> EnvInstruction {
        let (pairs, isLegacy) = try parsePairs()
        return EnvInstruction(origin: origin, pairs: pairs, isLegacy: isLegacy)
    }

    func parseLabel() throws(ParseError) -> LabelInstruction {
        let (pairs, isLegacy) = try parsePairs()
        return LabelInstruction(origin: origin, pairs: pairs, isLegacy: isLegacy)
    }

    private func parsePairs() throws(ParseError) -> (pairs: [KeyValue], isLegacy: Bool) {
        try refuseFlags()
        guard case .pairs(let pairs, let isLegacy) = line.arguments else { throw missingArgument }
        guard pairs.allSatisfy({ !$0.key.isEmpty }) else { throw blankName }
        return (pairs, isLegacy)
    }

    private var blankName: ParseError { ParseError("\(name) names can not be blank") }

    func parseExpose() throws(ParseError) -> ExposeInstruction {
        guard !words.isEmpty else { throw missingArgument }
        try refuseFlags()
        let sorted = words.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return ExposeInstruction(origin: origin, ports: sorted)
    }
}
