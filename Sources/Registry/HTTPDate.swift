/// Dates as HTTP writes them (RFC 9110 §5.6.7).
enum HTTPDate {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The seconds since 1970 of a date in one of the three forms; nil for other text.
    static func seconds(_ text: String) -> Int64? {
        let words = text.split { " ,-:".contains($0) }.map(String.init)
        // `Sun, 06 Nov 1994 08:49:37 GMT` and `Sunday, 06-Nov-94 08:49:37 GMT`; or `Sun Nov  6 08:49:37 1994`.
        if words.count == 8, words[7] == "GMT" {
            return seconds(day: words[1], month: words[2], year: words[3], time: words[4...6])
        }
        guard words.count == 7 else { return nil }
        return seconds(day: words[2], month: words[1], year: words[6], time: words[3...5])
    }

    private static func seconds(day: String, month: String, year: String, time: ArraySlice<String>) -> Int64? {
        let clock = time.compactMap { Int64($0) }
        guard let day = Int64(day), (1...31).contains(day), var fullYear = Int64(year), (0...9999).contains(fullYear),
            let month = months.firstIndex(of: month), clock.count == 3, (0...23).contains(clock[0]),
            (0...59).contains(clock[1]), (0...60).contains(clock[2])
        else { return nil }
        if year.count == 2 { fullYear += fullYear < 70 ? 2000 : 1900 }
        let days = daysSinceEpoch(year: fullYear, month: Int64(month) + 1, day: day)
        return days * 86_400 + clock[0] * 3_600 + clock[1] * 60 + clock[2]
    }

    /// Counts in years that begin in March, so that the leap day is the last.
    private static func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month > 2 ? year : year - 1
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    }
}
