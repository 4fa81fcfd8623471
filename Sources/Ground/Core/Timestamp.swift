/// A moment of civil time: microseconds since 1970-01-01T00:00:00Z.
///
/// For people and records only. What is measured or awaited uses ``MonotonicInstant``, which never jumps.
public struct Timestamp: Hashable, Comparable, Sendable {
    public var microseconds: Int64

    @inlinable
    public init(microseconds: Int64) { self.microseconds = microseconds }

    @inlinable
    public static func < (a: Timestamp, b: Timestamp) -> Bool { a.microseconds < b.microseconds }

    @inlinable
    public func advanced(by duration: Duration) -> Timestamp {
        Timestamp(microseconds: microseconds + duration.inMicroseconds)
    }

    @inlinable
    public func duration(to other: Timestamp) -> Duration {
        .microseconds(other.microseconds - microseconds)
    }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC with milliseconds: `2026-11-21T09:30:11.123Z`.
    public var description: String {
        let (days, inDay) = microseconds.quotientAndRemainderFloored(dividingBy: 86_400_000_000)
        let (year, month, day) = Self.civil(fromDays: days)
        guard (0...9999).contains(year) else { return "\(year)" + text(0, month, day, inDay).dropFirst(4) }
        return text(year, month, day, inDay)
    }

    /// The text for a year of four digits. Every record has several of these.
    private func text(_ year: Int64, _ month: Int64, _ day: Int64, _ inDay: Int64) -> String {
        String(unsafeUninitializedCapacity: 24) { buffer in
            var end = 0
            func put(_ number: Int64, _ width: Int, _ separator: UInt8) {
                var rest = number
                for index in stride(from: end + width - 1, through: end, by: -1) {
                    buffer[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                    rest /= 10
                }
                buffer[end + width] = separator
                end += width + 1
            }
            let milliseconds = inDay / 1000
            put(year, 4, UInt8(ascii: "-"))
            put(month, 2, UInt8(ascii: "-"))
            put(day, 2, UInt8(ascii: "T"))
            put(milliseconds / 3_600_000, 2, UInt8(ascii: ":"))
            put(milliseconds / 60_000 % 60, 2, UInt8(ascii: ":"))
            put(milliseconds / 1000 % 60, 2, UInt8(ascii: "."))
            put(milliseconds % 1000, 3, UInt8(ascii: "Z"))
            return end
        }
    }

    /// Reads RFC 3339 with any number of fraction digits and a zone; nil for anything else.
    public init?(parsing text: String) {
        let bytes = Array(text.utf8)
        func number(_ from: Int, _ count: Int) -> Int64? {
            guard from + count <= bytes.count else { return nil }
            var value: Int64 = 0
            for byte in bytes[from..<from + count] {
                guard byte >= 48, byte <= 57 else { return nil }
                value = value * 10 + Int64(byte - 48)
            }
            return value
        }
        func isSeparator(_ at: Int, _ byte: Character) -> Bool {
            at < bytes.count && bytes[at] == byte.asciiValue
        }
        guard let year = number(0, 4), isSeparator(4, "-"), let month = number(5, 2), isSeparator(7, "-"),
            let day = number(8, 2), isSeparator(10, "T") || isSeparator(10, "t") || isSeparator(10, " "),
            let hour = number(11, 2), isSeparator(13, ":"), let minute = number(14, 2), isSeparator(16, ":"),
            let second = number(17, 2), (1...12).contains(month), (1...31).contains(day), hour < 24,
            minute < 60,
            second < 61
        else { return nil }
        var at = 19
        var fraction: Int64 = 0
        if isSeparator(at, ".") {
            at += 1
            var scale: Int64 = 100_000
            let start = at
            while at < bytes.count, bytes[at] >= 48, bytes[at] <= 57 {
                fraction += Int64(bytes[at] - 48) * scale
                scale /= 10
                at += 1
            }
            guard at > start else { return nil }
        }
        var offset: Int64 = 0
        if isSeparator(at, "Z") || isSeparator(at, "z") {
            at += 1
        } else {
            guard isSeparator(at, "+") || isSeparator(at, "-"), let hours = number(at + 1, 2),
                isSeparator(at + 3, ":"),
                let minutes = number(at + 4, 2)
            else { return nil }
            offset = (hours * 3600 + minutes * 60) * (isSeparator(at, "-") ? -1 : 1)
            at += 6
        }
        guard at == bytes.count else { return nil }
        let seconds =
            Self.days(fromCivil: (year, month, day)) * 86400 + hour * 3600 + minute * 60 + second - offset
        self.init(microseconds: seconds * 1_000_000 + fraction)
    }

    // Days to civil date and back: the era arithmetic of Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    /// The date of a day counted from 1970-01-01.
    public static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = (days + 719_468).quotientAndRemainderFloored(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shifted + 2) / 5 + 1
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    /// The day of a date, counted from 1970-01-01.
    public static func days(fromCivil date: (year: Int64, month: Int64, day: Int64)) -> Int64 {
        let year = date.month <= 2 ? date.year - 1 : date.year
        let (era, yearOfEra) = year.quotientAndRemainderFloored(dividingBy: 400)
        let dayOfYear = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

extension Timestamp: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Timestamp(parsing: text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "'\(text)' is not a time such as 2026-11-21T09:30:11Z")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Int64 {
    fileprivate func quotientAndRemainderFloored(dividingBy divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
