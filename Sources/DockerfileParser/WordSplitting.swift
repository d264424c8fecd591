/// Splits text into words that quotes hold together; quotes and escapes stay in the words.
enum WordSplitting {
    /// The words of an `ENV`, `LABEL` or `ARG`.
    static func quotedWords(_ text: ArraySlice<UInt8>, escape: UInt8) -> [[UInt8]] {
        var words: [[UInt8]] = []
        var word: [UInt8] = []
        var isStarted = false
        var quote: UInt8?
        var position = text.startIndex
        while position < text.endIndex {
            let byte = text[position]
            let blank = quote == nil ? text.whiteSpaceLength(at: position) : 0
            if blank > 0 {
                if isStarted { words.append(word) }
                (word, isStarted) = ([], false)
                position += blank
                continue
            }
            position += 1
            if byte == escape && quote != ASCII.singleQuote {
                // An escape character at the very end is dropped.
                guard position < text.endIndex else { break }
                word.append(byte)
                word.append(text[position])
                position += 1
            } else {
                if byte == quote {
                    quote = nil
                } else if quote == nil && (byte == ASCII.singleQuote || byte == ASCII.doubleQuote) {
                    quote = byte
                }
                word.append(byte)
            }
            isStarted = true
        }
        if isStarted { words.append(word) }
        return words
    }

    /// Takes the words that begin with `--` from the front, without their quotes and escapes; a bare `--` ends them.
    ///
    /// The escape character is a backslash here, whatever the `escape` directive says.
    static func takeFlags(_ text: ArraySlice<UInt8>) -> (flags: [String], rest: ArraySlice<UInt8>) {
        var flags: [String] = []
        var rest = text.trimmingLeadingWhiteSpace()
        while rest.starts(with: "--".utf8) {
            let (word, after) = takeFlag(rest)
            rest = after.trimmingLeadingWhiteSpace()
            if word == Array("--".utf8) { break }
            flags.append(word.text)
        }
        return (flags, rest)
    }

    private static func takeFlag(_ text: ArraySlice<UInt8>) -> (word: [UInt8], rest: ArraySlice<UInt8>) {
        var word: [UInt8] = []
        var quote: UInt8?
        var position = text.startIndex
        while position < text.endIndex {
            let byte = text[position]
            if quote == nil && text.whiteSpaceLength(at: position) > 0 { break }
            position += 1
            if byte == quote {
                quote = nil
            } else if quote == nil && (byte == ASCII.singleQuote || byte == ASCII.doubleQuote) {
                quote = byte
            } else if byte == ASCII.backslash {
                guard position < text.endIndex else { break }
                word.append(text[position])
                position += 1
            } else {
                word.append(byte)
            }
        }
        return (word, text[position...])
    }
}
