import Calendars
import Core
import Testing

@Suite struct CronTests {
    private func next(_ text: String, after start: String, _ count: Int = 1, _ zone: TimeZoneRules = .utc)
        throws
        -> [String]
    {
        let schedule = try CronSchedule(parsing: text)
        var (times, now): ([String], Timestamp) = ([], time(start))
        for _ in 0..<count {
            guard let found = schedule.next(after: now, in: zone) else { break }
            times.append(found.description.replacing(".000Z", with: "Z"))
            now = found
        }
        return times
    }

    private func fault(_ text: String) -> String? {
        do throws(CronSchedule.Fault) {
            _ = try CronSchedule(parsing: text)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func `numbers, ranges, steps, lists and names say when`() throws {
        #expect(try next("30 2 * * *", after: "2026-11-27T02:30:00Z") == ["2026-11-28T02:30:00Z"])
        #expect(try next("30 2 * * *", after: "2026-11-27T02:29:59.999Z") == ["2026-11-27T02:30:00Z"])
        #expect(
            try next("*/20 9-17/8 * * mon-fri", after: "2026-11-27T17:19:00Z", 3) == [
                "2026-11-27T17:20:00Z", "2026-11-27T17:40:00Z", "2026-11-30T09:00:00Z",
            ])
        #expect(
            try next("0 0 1 JAN,jul *", after: "2026-11-27T00:00:00Z", 2) == [
                "2027-01-01T00:00:00Z", "2027-07-01T00:00:00Z",
            ])
        #expect(try next("0 12 * * 7", after: "2026-11-27T00:00:00Z") == ["2026-11-29T12:00:00Z"])
        #expect(try next("@weekly", after: "2026-11-27T00:00:00Z") == ["2026-11-29T00:00:00Z"])
        #expect(try next("@Monthly", after: "2026-11-27T00:00:00Z") == ["2026-12-01T00:00:00Z"])
    }

    @Test func `of the day of the month and the weekday one is enough where both say something`() throws {
        #expect(
            try next("0 0 13 * fri", after: "2026-11-01T00:00:00Z", 4) == [
                "2026-11-06T00:00:00Z", "2026-11-13T00:00:00Z", "2026-11-20T00:00:00Z",
                "2026-11-27T00:00:00Z",
            ])
        #expect(try next("0 0 */10 * fri", after: "2026-11-01T00:00:00Z") == ["2026-12-11T00:00:00Z"])
    }

    @Test func `leap days come, also after a year that has none`() throws {
        #expect(try next("0 0 29 2 *", after: "2026-01-01T00:00:00Z") == ["2028-02-29T00:00:00Z"])
        #expect(try next("0 0 29 2 *", after: "2096-03-01T00:00:00Z") == ["2104-02-29T00:00:00Z"])
    }

    @Test func `a fixed time that the clocks skip is when they do so, once`() throws {
        let zone = try ZoneFile.europe
        // On the 29th of March it is 03:00 after 01:59:59.
        #expect(
            try next("30 2 * * *", after: "2026-03-28T00:00:00Z", 3, zone) == [
                "2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z",
            ])
        #expect(
            try next("0,30 2,3 * * *", after: "2026-03-29T00:00:00Z", 3, zone) == [
                "2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z", "2026-03-30T00:00:00Z",
            ])
    }

    @Test func `a fixed time that the clocks show twice is the first, once`() throws {
        let zone = try ZoneFile.europe
        // On the 25th of October it is 02:00 after 02:59:59.
        #expect(
            try next("30 2 * * *", after: "2026-10-24T12:00:00Z", 2, zone) == [
                "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z",
            ])
        // Asked in the doubled hour's second half, it is over.
        #expect(try next("30 2 * * *", after: "2026-10-25T01:15:00Z", 1, zone) == ["2026-10-26T01:30:00Z"])
    }

    @Test func `every hour is every hour, whatever is done to the clocks`() throws {
        let zone = try ZoneFile.europe
        #expect(
            try next("30 * * * *", after: "2026-10-24T23:45:00Z", 4, zone) == [
                "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z",
                "2026-10-25T03:30:00Z",
            ])
        #expect(
            try next("0 * * * *", after: "2026-03-29T00:00:00Z", 2, zone) == [
                "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z",
            ])
        // Every other hour by the clock: 00, 02, which is skipped, 04.
        #expect(
            try next("0 */2 * * *", after: "2026-03-28T22:30:00Z", 2, zone) == [
                "2026-03-28T23:00:00Z", "2026-03-29T02:00:00Z",
            ])
    }

    @Test func `zones with half hours and those across the date line have their own midnight`() throws {
        let india = try ZoneFile.rules("IST-5:30")
        #expect(try next("0 0 * * *", after: "2026-11-27T00:00:00Z", 1, india) == ["2026-11-27T18:30:00Z"])
        let far = try ZoneFile.rules("<+14>-14")
        #expect(try next("0 0 1 * *", after: "2026-11-27T00:00:00Z", 1, far) == ["2026-11-30T10:00:00Z"])
    }

    @Test func `what is wrong is named with its field`() {
        #expect(fault("* * * *")?.contains("has 4 fields") == true)
        #expect(fault("0 0 0 * * *")?.contains("has 6 fields") == true)
        #expect(fault("60 * * * *")?.contains("'60' for the minute") == true)
        #expect(fault("* 24 * * *")?.contains("hour") == true)
        #expect(fault("* * 0 * *")?.contains("day of the month") == true)
        #expect(fault("* * * foo *")?.contains("JAN to DEC") == true)
        #expect(fault("* * * * 8")?.contains("day of the week") == true)
        #expect(fault("* 22-2 * * *")?.contains("goes backwards") == true)
        #expect(fault("*/0 * * * *")?.contains("step '0'") == true)
        #expect(fault("5/10 * * * *")?.contains("needs a range") == true)
        #expect(fault("1,,2 * * * *")?.contains("''") == true)
        #expect(fault("@reboot")?.contains("@daily") == true)
        #expect(fault("0 0 30 2 *")?.contains("no month") == true)
        #expect(fault("0 0 31 4,6,9,11 *")?.contains("no month") == true)
        #expect(fault("0 0 30 2 mon") == nil)
        #expect(fault(String(repeating: "1", count: 300))?.contains("256") == true)
    }

    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func `times come in order and are those that the clocks show`(seed: UInt64) throws {
        var state = seed &* 0x9E37_79B9_7F4A_7C15
        func draw(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        let zone = try ZoneFile.europe
        let minute = draw(60)
        let text = "\(minute) \(draw(2) == 0 ? "*" : "\(draw(24))") * \(1 + draw(12)) *"
        let schedule = try CronSchedule(parsing: text)
        var now = Timestamp(microseconds: Int64(draw(4_000_000_000)) * 1_000_000)
        for _ in 0..<50 {
            let found = try #require(schedule.next(after: now, in: zone))
            #expect(found > now)
            let shown = zone.civil(at: found)
            // Only at the end of a skipped hour do the clocks show another minute.
            if shown.secondOfDay % 3600 / 60 != Int64(minute) {
                #expect(zone.span(at: found.microseconds / 1_000_000).start == found.microseconds / 1_000_000)
            }
            now = found
        }
    }
}
