public import Core

/// Dates as HTTP writes them (RFC 9110, section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
public enum HTTPDate {
    private static let days: [StaticString] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months: [StaticString] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The moment to the second, in the form that every sender must use.
    public static func text(_ time: Timestamp) -> String {
        // RFC 3339 has the numbers already: `1994-11-06T08:49:37.000Z`.
        let digits = Array(time.description.utf8)
        let number = { (from: Int, count: Int) in String(decoding: digits[from..<from + count], as: UTF8.self)
        }
        let month = Int(number(5, 2)) ?? 1
        let seconds =
            (time.microseconds - (time.microseconds % 1_000_000 + 1_000_000) % 1_000_000) / 1_000_000
        // 1970-01-01 was a Thursday.
        let day = Int(((seconds - (seconds % 86400 + 86400) % 86400) / 86400 % 7 + 7) % 7)
        return "\(days[day]), \(number(8, 2)) \(months[month - 1]) \(number(0, 4)) \(number(11, 8)) GMT"
    }

    /// Reads what ``text(_:)`` writes; nil for anything else. The two obsolete forms are not read: a condition with such a date
    /// counts as absent, which costs a transfer and is never wrong.
    public static func parse(_ text: String) -> Timestamp? {
        let bytes = Array(text.utf8)
        guard bytes.count == 29 else { return nil }
        let part = { (from: Int, count: Int) in String(decoding: bytes[from..<from + count], as: UTF8.self) }
        guard let month = months.firstIndex(where: { $0.description == part(8, 3) }) else { return nil }
        let number = month + 1 < 10 ? "0\(month + 1)" : "\(month + 1)"
        let time = Timestamp(parsing: "\(part(12, 4))-\(number)-\(part(5, 2))T\(part(17, 8))Z")
        // Written again it must be the same, with its day of the week and every separator.
        guard let time, self.text(time) == text else { return nil }
        return time
    }
}
