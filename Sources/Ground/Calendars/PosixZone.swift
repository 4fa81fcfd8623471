import Core

/// A rule for the clocks of every year, such as `CET-1CEST,M3.5.0,M10.5.0/3`: POSIX' `TZ`, with the wider hours of RFC 8536.
struct PosixZone: Hashable, Sendable {
    /// A day of every year and a time on it, by the clocks as they are until then.
    struct Day: Hashable, Sendable {
        enum Kind: Hashable, Sendable {
            /// 1 to 365; the 29th of February is never counted.
            case julian(Int64)
            /// 0 to 365; it is.
            case zeroBased(Int64)
            /// The weekday of a week, 1 to 5 for the last, of a month.
            case weekday(month: Int64, week: Int64, weekday: Int64)
        }

        var kind: Kind
        var seconds: Int64

        /// Seconds since 1970, by the clocks.
        func civil(in year: Int64) -> Int64 {
            let day: Int64
            switch kind {
            case .julian(let number):
                let leap: Int64 = CivilTime.isLeap(year) && number >= 60 ? 1 : 0
                day = Timestamp.days(fromCivil: (year, 1, 1)) + number - 1 + leap
            case .zeroBased(let number): day = Timestamp.days(fromCivil: (year, 1, 1)) + number
            case .weekday(let month, let week, let weekday):
                let first = Timestamp.days(fromCivil: (year, month, 1))
                let ahead = (weekday - CivilTime.weekday(ofDay: first) + 7) % 7
                var inMonth = ahead + (week - 1) * 7
                if inMonth >= CivilTime.daysIn(month, of: year) { inMonth -= 7 }
                day = first + inMonth
            }
            return day * 86_400 + seconds
        }
    }

    struct Summer: Hashable, Sendable {
        var offset: Int64
        var start: Day
        var end: Day
    }

    /// Seconds ahead of UTC.
    var offset: Int64
    var summer: Summer?

    func span(at time: Int64) -> TimeZoneRules.Span {
        guard let summer else { return TimeZoneRules.Span(start: nil, end: nil, offset: offset) }
        let year = Timestamp.civil(fromDays: CivilTime(seconds: time).day).year
        var changes: [(at: Int64, offset: Int64, year: Int64)] = []
        for near in year - 2...year + 2 {
            changes.append((summer.start.civil(in: near) - offset, summer.offset, near))
            changes.append((summer.end.civil(in: near) - summer.offset, offset, near))
        }
        // A summer that lasts all year ends when the next one begins: of two changes at once that to summer counts.
        changes.sort {
            ($0.at, $0.offset == summer.offset ? 1 : 0) < ($1.at, $1.offset == summer.offset ? 1 : 0)
        }
        var kept: [(at: Int64, offset: Int64, year: Int64)] = []
        for change in changes {
            if kept.last?.at == change.at { kept.removeLast() }
            if kept.last?.offset != change.offset { kept.append(change) }
        }
        // What the first and the last of these years begin and end with, others were not held against.
        let known = kept.filter { abs($0.year - year) <= 1 }
        let before = kept.last { $0.at <= time }
        return TimeZoneRules.Span(
            start: known.last { $0.at <= time }?.at, end: known.first { $0.at > time }?.at,
            offset: before?.offset ?? offset)
    }
}

extension PosixZone {
    init(parsing text: [UInt8]) throws(TimeZoneRules.FileFault) {
        var parser = PosixZoneParser(rest: text[...])
        guard let zone = parser.zone(), parser.rest.isEmpty else {
            throw TimeZoneRules.FileFault(description: "has a rule that cannot be read")
        }
        self = zone
    }
}

/// Reads such a rule; nil where it is none.
private struct PosixZoneParser {
    var rest: ArraySlice<UInt8>

    mutating func zone() -> PosixZone? {
        guard name(), let standard = time(hours: 24) else { return nil }
        guard !rest.isEmpty else { return PosixZone(offset: -standard) }
        guard name() else { return nil }
        // An hour ahead unless said otherwise.
        var summer = standard - 3600
        if rest.first != UInt8(ascii: ",") {
            guard let given = time(hours: 24) else { return nil }
            summer = given
        }
        guard take(","), let start = day(), take(","), let end = day() else { return nil }
        return PosixZone(offset: -standard, summer: .init(offset: -summer, start: start, end: end))
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func name() -> Bool {
        let isQuoted = take("<")
        let count = rest.count
        while let byte = rest.first {
            let isLetter = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte & 0xDF)
            let isOther = isQuoted && (byte == 0x2B || byte == 0x2D || (0x30...0x39).contains(byte))
            guard isLetter || isOther else { break }
            rest.removeFirst()
        }
        guard count - rest.count >= 3 else { return false }
        return !isQuoted || take(">")
    }

    private mutating func number(_ range: ClosedRange<Int64>) -> Int64? {
        var (value, digits): (Int64, Int) = (0, 0)
        while let byte = rest.first, (0x30...0x39).contains(byte), digits < 4 {
            value = value * 10 + Int64(byte - 0x30)
            digits += 1
            rest.removeFirst()
        }
        return digits > 0 && range.contains(value) ? value : nil
    }

    /// `[+-]hh[:mm[:ss]]` in seconds.
    private mutating func time(hours: Int64) -> Int64? {
        let isNegative = take("-")
        if !isNegative { _ = take("+") }
        guard let hour = number(0...hours) else { return nil }
        var (minute, second): (Int64, Int64) = (0, 0)
        if take(":") {
            guard let given = number(0...59) else { return nil }
            minute = given
            if take(":") {
                guard let given = number(0...59) else { return nil }
                second = given
            }
        }
        let all = hour * 3600 + minute * 60 + second
        return isNegative ? -all : all
    }

    private mutating func day() -> PosixZone.Day? {
        let kind: PosixZone.Day.Kind
        if take("J") {
            guard let number = number(1...365) else { return nil }
            kind = .julian(number)
        } else if take("M") {
            guard let month = number(1...12), take("."), let week = number(1...5), take("."),
                let weekday = number(0...6)
            else { return nil }
            kind = .weekday(month: month, week: week, weekday: weekday)
        } else {
            guard let number = number(0...365) else { return nil }
            kind = .zeroBased(number)
        }
        guard take("/") else { return PosixZone.Day(kind: kind, seconds: 7200) }
        return time(hours: 167).map { PosixZone.Day(kind: kind, seconds: $0) }
    }
}
