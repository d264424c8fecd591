import Glibc

/// A moment with nanoseconds and the zone offset in which it was written.
///
/// Go keeps the offset of a time that it read, so base images' history must too.
package struct Timestamp: Hashable, Sendable, Comparable, Codable, CustomStringConvertible {
    /// Seconds since 1970-01-01T00:00:00Z.
    package var seconds: Int64
    /// Nanoseconds of the second, 0 to 999 999 999.
    package var nanoseconds: Int32
    /// Minutes east of UTC, used only for display.
    package var offsetMinutes: Int32

    /// Makes a moment that is shown in UTC unless told otherwise.
    package init(seconds: Int64, nanoseconds: Int32 = 0, offsetMinutes: Int32 = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
        self.offsetMinutes = offsetMinutes
    }

    /// The present moment, in UTC.
    package static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(seconds: Int64(time.tv_sec), nanoseconds: Int32(time.tv_nsec))
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        (left.seconds, left.nanoseconds, left.offsetMinutes) < (right.seconds, right.nanoseconds, right.offsetMinutes)
    }

    /// The time in Go's RFC3339Nano form: no trailing zeros in the fraction.
    package var description: String {
        let local = seconds + Int64(offsetMinutes) * 60
        let days = (local - floorRemainder(local, 86_400)) / 86_400
        let second = floorRemainder(local, 86_400)
        let date = civilDate(daysSinceEpoch: days)
        var text = "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))"
        text += "T\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
        if nanoseconds != 0 {
            var fraction = padded(Int64(nanoseconds), 9)
            while fraction.hasSuffix("0") {
                fraction.removeLast()
            }
            text += "." + fraction
        }
        guard offsetMinutes != 0 else { return text + "Z" }
        let offset = Int64(offsetMinutes.magnitude)
        return text + (offsetMinutes < 0 ? "-" : "+") + "\(padded(offset / 60, 2)):\(padded(offset % 60, 2))"
    }

    package init(from decoder: any Decoder) throws {
        try self.init(parsing: String(from: decoder))
    }

    package func encode(to encoder: any Encoder) throws {
        try description.encode(to: encoder)
    }
}

extension Timestamp {
    /// Parses RFC 3339 with any number of fraction digits; those after the ninth are dropped.
    package init(parsing text: String) throws(TimestampError) {
        var scanner = TimestampScanner(bytes: Array(text.utf8))
        guard let time = scanner.time() else { throw TimestampError(text: text) }
        self = time
    }
}

/// Reads the fixed fields of an RFC 3339 time; every method returns `nil` at a violation.
private struct TimestampScanner {
    let bytes: [UInt8]
    var position = 0

    mutating func time() -> Timestamp? {
        guard let year = number(4), literal("-"), let month = number(2), literal("-"), let day = number(2),
            literal("T"), let hour = number(2), literal(":"), let minute = number(2), literal(":"),
            let second = number(2), let nanoseconds = fraction(), let offset = zone(), position == bytes.count
        else { return nil }
        guard (1...12).contains(month), day >= 1, day <= daysIn(month: month, year: year), hour < 24, minute < 60,
            second < 60
        else { return nil }
        let days = daysSinceEpoch(year: year, month: month, day: day)
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset * 60
        return Timestamp(seconds: seconds, nanoseconds: Int32(nanoseconds), offsetMinutes: Int32(offset))
    }

    private mutating func number(_ digits: Int) -> Int64? {
        guard position + digits <= bytes.count else { return nil }
        var value: Int64 = 0
        for byte in bytes[position..<position + digits] {
            guard let digit = decimalDigit(byte) else { return nil }
            value = value * 10 + digit
        }
        position += digits
        return value
    }

    private mutating func literal(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func fraction() -> Int64? {
        guard literal(".") || literal(",") else { return 0 }
        var value: Int64 = 0
        var count = 0
        while position < bytes.count, let digit = decimalDigit(bytes[position]) {
            if count < 9 {
                value = value * 10 + digit
            }
            count += 1
            position += 1
        }
        guard count > 0 else { return nil }
        for _ in min(count, 9)..<9 {
            value *= 10
        }
        return value
    }

    private mutating func zone() -> Int64? {
        if literal("Z") {
            return 0
        }
        let sign: Int64 = literal("-") ? -1 : literal("+") ? 1 : 0
        guard sign != 0, let hours = number(2), hours < 24, literal(":"), let minutes = number(2), minutes < 60
        else { return nil }
        return sign * (hours * 60 + minutes)
    }
}

private func decimalDigit(_ byte: UInt8) -> Int64? {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") ? Int64(byte - UInt8(ascii: "0")) : nil
}

private func padded(_ value: Int64, _ width: Int) -> String {
    let digits = String(value.magnitude)
    return (value < 0 ? "-" : "") + String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}

private func floorRemainder(_ value: Int64, _ divisor: Int64) -> Int64 {
    let remainder = value % divisor
    return remainder < 0 ? remainder + divisor : remainder
}

private func daysIn(month: Int64, year: Int64) -> Int64 {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][Int(month - 1)]
}

/// Counts days in the proleptic Gregorian calendar, in eras of 400 years that begin in March.
private func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
}

private func civilDate(daysSinceEpoch days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
}
