/// A piece of one line of a source file.
struct SourceMark {
    /// Counted from 1.
    let line: Int
    /// In characters, counted from 1.
    let column: Int
    /// In characters.
    let length: Int
    /// As wide as what stands before the piece: blanks, and tabs where there are tabs.
    let indentation: String

    /// The first character of a line that is no blank.
    init(instruction line: Int, in file: SourceFile) {
        let lines = file.lines
        let text = lines.indices.contains(line - 1) ? lines[line - 1] : ""
        self.init(line, text, text.firstIndex { $0 != " " && $0 != "\t" } ?? text.startIndex, length: 1)
    }

    /// Where `text` stands in the given lines: the first place where it is a word of its own, else the first at all;
    /// nil where it does not stand there, as what was joined from several lines or expanded.
    init?(of text: String, in file: SourceFile, _ range: SourceRange) {
        guard !text.isEmpty else { return nil }
        let numbered = file.lines.enumerated().dropFirst(range.startLine - 1).prefix(
            range.endLine - range.startLine + 1
        )
        var found: SourceMark?
        for (index, line) in numbered where line.first(where: { $0 != " " && $0 != "\t" }) != "#" {
            var rest = line[...]
            while let place = rest.firstRange(of: text) {
                let mark = SourceMark(index + 1, line, place.lowerBound, length: text.count)
                if Self.isWord(place, of: line) {
                    self = mark
                    return
                }
                found = found ?? mark
                rest = line[line.index(after: place.lowerBound)...]
            }
        }
        guard let found else { return nil }
        self = found
    }

    private init(_ line: Int, _ text: String, _ start: String.Index, length: Int) {
        self.line = line
        self.length = length
        column = text.distance(from: text.startIndex, to: start) + 1
        indentation = String(text[..<start].map { $0 == "\t" ? "\t" : " " })
    }

    private static func isWord(_ place: Range<String.Index>, of line: String) -> Bool {
        func continuesWord(_ character: Character) -> Bool {
            character.isLetter || character.isNumber || "_-./".contains(character)
        }
        let before = place.lowerBound > line.startIndex ? line[line.index(before: place.lowerBound)] : nil
        let after = place.upperBound < line.endIndex ? line[place.upperBound] : nil
        return !(before.map(continuesWord) ?? false) && !(after.map(continuesWord) ?? false)
    }
}
