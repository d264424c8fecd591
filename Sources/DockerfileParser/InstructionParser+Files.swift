extension InstructionParser {
    func parseFrom() throws(ParseError) -> FromInstruction {
        let words = self.words
        let isNamed = words.count == 3 && words[1].lowercased() == "as"
        guard isNamed || words.count == 1 else { throw ParseError("FROM requires either one or three arguments") }
        let name = isNamed ? try Self.stageName(words[2]) : nil
        let flags = try InstructionFlags(line.flags, allowing: ["platform": .string])
        return FromInstruction(
            origin: origin,
            platform: flags.string("platform"),
            baseName: words[0],
            asKeyword: isNamed ? words[1] : nil,
            stageNameAsWritten: isNamed ? words[2] : nil,
            stageName: name
        )
    }

    /// A stage name in lower case: `^[a-z][a-z0-9-_.]*$`.
    private static func stageName(_ word: String) throws(ParseError) -> String {
        let name = word.lowercased()
        let isLetter = { (byte: UInt8) in byte >= 0x61 && byte <= 0x7A }
        let rest = name.utf8.dropFirst()
        guard name.utf8.first.map(isLetter) == true,
            rest.allSatisfy({ isLetter($0) || ASCII.isDigit($0) || "-_.".utf8.contains($0) })
        else {
            throw ParseError(
                "invalid name for build stage: \(word.goQuoted), name can't start with a number or contain symbols",
                culprit: word
            )
        }
        return name
    }

    func parseCopy() throws(ParseError) -> CopyInstruction {
        try requireDestination()
        let flags = try InstructionFlags(
            line.flags,
            allowing: [
                "chown": .string, "from": .string, "chmod": .string, "link": .boolean, "parents": .boolean,
                "exclude": .strings,
            ]
        )
        return CopyInstruction(
            origin: origin,
            from: flags.string("from"),
            chown: flags.string("chown"),
            chmod: flags.string("chmod"),
            link: flags.boolean("link") ?? false,
            parents: flags.boolean("parents") ?? false,
            exclude: flags.strings("exclude"),
            operands: try parseOperands()
        )
    }

    func parseAdd() throws(ParseError) -> AddInstruction {
        try requireDestination()
        let flags = try InstructionFlags(
            line.flags,
            allowing: [
                "chown": .string, "chmod": .string, "link": .boolean, "keep-git-dir": .boolean, "checksum": .string,
                "unpack": .boolean, "exclude": .strings,
            ]
        )
        return AddInstruction(
            origin: origin,
            chown: flags.string("chown"),
            chmod: flags.string("chmod"),
            link: flags.boolean("link") ?? false,
            keepGitDirectory: flags.boolean("keep-git-dir"),
            checksum: flags.string("checksum"),
            unpack: flags.boolean("unpack"),
            exclude: flags.strings("exclude"),
            operands: try parseOperands()
        )
    }

    private func requireDestination() throws(ParseError) {
        guard words.count < 2 else { return }
        throw ParseError(
            "\(name) requires at least two arguments, but only one was provided. Destination could not be determined"
        )
    }

    private func parseOperands() throws(ParseError) -> CopyOperands {
        let words = isJSON ? self.words : Self.joiningHeredocs(self.words)
        var waiting = line.heredocs
        var sources: [CopySource] = []
        for word in words.dropLast() {
            guard !isJSON, let announced = HeredocWord.parse(Array(word.utf8)) else {
                sources.append(.path(word))
                continue
            }
            if let index = waiting.firstIndex(where: { $0.name == announced.name }) {
                sources.append(.heredoc(waiting.remove(at: index)))
            } else {
                sources.append(.path(word))
            }
        }
        let destination = words.last ?? ""
        if !isJSON && HeredocWord.parse(Array(destination.utf8)) != nil {
            throw ParseError("\(name) cannot accept a heredoc as a destination", culprit: destination)
        }
        if let lost = waiting.first { throw ParseError("heredoc name \(lost.name.goQuoted) must be one word") }
        return CopyOperands(sources: sources, destination: destination, isJSON: isJSON)
    }

    /// Puts `<<` and a name that stands apart from it into one word.
    private static func joiningHeredocs(_ words: [String]) -> [String] {
        var result: [String] = []
        for word in words {
            if let last = result.last, last.utf8.drop(while: ASCII.isDigit).elementsEqual("<<".utf8) {
                result[result.count - 1] = last + word
            } else {
                result.append(word)
            }
        }
        return result
    }

    func parseVolume() throws(ParseError) -> VolumeInstruction {
        guard !words.isEmpty else { throw missingArgument }
        try refuseFlags()
        let paths = words.map(\.trimmed)
        guard !paths.contains("") else { throw ParseError("VOLUME specified can not be an empty string") }
        return VolumeInstruction(origin: origin, paths: paths, isJSON: isJSON)
    }
}
