import Core

/// What a calendar and a clock on the wall show, to the second; which moment that is, a time zone says.
public struct CivilTime: Hashable, Comparable, Sendable {
    /// Seconds on that clock since it showed the first of January 1970, midnight.
    public var seconds: Int64

    public init(seconds: Int64) { self.seconds = seconds }

    public init(
        _ year: Int64, _ month: Int64, _ day: Int64, _ hour: Int64 = 0, _ minute: Int64 = 0,
        _ second: Int64 = 0
    ) {
        let day = Timestamp.days(fromCivil: (year, month, day))
        seconds = day * 86_400 + hour * 3600 + minute * 60 + second
    }

    public static func < (a: CivilTime, b: CivilTime) -> Bool { a.seconds < b.seconds }

    /// Days since 1970-01-01.
    public var day: Int64 { (seconds - secondOfDay) / 86_400 }

    public var secondOfDay: Int64 {
        let rest = seconds % 86_400
        return rest < 0 ? rest + 86_400 : rest
    }

    /// 0 for Sunday: the first of January 1970 was a Thursday.
    static func weekday(ofDay day: Int64) -> Int64 {
        let rest = (day + 4) % 7
        return rest < 0 ? rest + 7 : rest
    }

    static func isLeap(_ year: Int64) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    static func daysIn(_ month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension CivilTime: CustomStringConvertible {
    public var description: String {
        let date = Timestamp.civil(fromDays: day)
        let clock = secondOfDay
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(date.year)-\(two(date.month))-\(two(date.day)) \(two(clock / 3600)):\(two(clock / 60 % 60))"
            + (clock % 60 == 0 ? "" : ":\(two(clock % 60))")
    }
}
