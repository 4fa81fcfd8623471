public import Core

/// When something is to happen again and again: five fields as cron(8) has them, or a name such as `@daily`.
public struct CronSchedule: Hashable, Sendable {
    /// Bit n for the value n.
    let minutes, hours, days, months, weekdays: UInt64
    /// Whether the field of hours begins with a star: then it goes by what the clocks show, whatever is done to them.
    let isEveryHour: Bool
    /// Whether the day of the month and the weekday both say something: then one of them is enough.
    let isEitherDay: Bool

    /// The next time after `time` by the clocks of `zone`; nil for none in the next years.
    ///
    /// Where the hours are fixed, a time that the clocks skip is when they do so, and one that they show twice is the first. With
    /// `*` or `*/n` as hours, skipped times are none, and both times of a doubled hour count.
    public func next(after time: Timestamp, in zone: TimeZoneRules) -> Timestamp? {
        let moment = isEveryHour ? nextByClock(time.wholeSeconds, zone) : nextFixed(time.wholeSeconds, zone)
        return moment.map { Timestamp(microseconds: $0 * 1_000_000) }
    }

    private func nextFixed(_ time: Int64, _ zone: TimeZoneRules) -> Int64? {
        var civil = CivilTime(seconds: time + zone.span(at: time).offset)
        while let next = nextCivil(after: civil) {
            let moment = zone.moment(of: next)
            if moment > time { return moment }
            civil = next
        }
        return nil
    }

    private func nextByClock(_ time: Int64, _ zone: TimeZoneRules) -> Int64? {
        var time = time
        // Each round goes to the next change of the clocks.
        for _ in 0..<1000 {
            let span = zone.span(at: time)
            guard let civil = nextCivil(after: CivilTime(seconds: time + span.offset)) else { return nil }
            let moment = civil.seconds - span.offset
            guard let end = span.end, moment >= end else { return moment }
            // The very time of the change may be one.
            let after = zone.span(at: end)
            if matches(CivilTime(seconds: end + after.offset)) { return end }
            time = end
        }
        return nil
    }

    private func matches(_ civil: CivilTime) -> Bool {
        let second = civil.secondOfDay
        return second % 60 == 0 && has(minutes, second / 60 % 60) && has(hours, second / 3600)
            && hasDay(civil.day)
    }

    /// The next time after `civil` that the fields name, of the next years; a leap day is at most eight away.
    private func nextCivil(after civil: CivilTime) -> CivilTime? {
        var minute = civil.secondOfDay / 60 + 1
        for day in civil.day...civil.day + 9 * 366 {
            if hasDay(day) {
                while minute < 1440 {
                    let hour = minute / 60
                    if !has(hours, hour) {
                        minute = (hour + 1) * 60
                    } else if has(minutes, minute % 60) {
                        return CivilTime(seconds: day * 86_400 + minute * 60)
                    } else {
                        minute += 1
                    }
                }
            }
            minute = 0
        }
        return nil
    }

    private func hasDay(_ day: Int64) -> Bool {
        let date = Timestamp.civil(fromDays: day)
        guard has(months, date.month) else { return false }
        let (inMonth, inWeek) = (has(days, date.day), has(weekdays, CivilTime.weekday(ofDay: day)))
        return isEitherDay ? inMonth || inWeek : inMonth && inWeek
    }

    private func has(_ set: UInt64, _ value: Int64) -> Bool { set >> UInt64(value) & 1 == 1 }
}
