import Calendars
import Core
import Testing

func time(_ text: String) -> Timestamp { Timestamp(parsing: text)! }

@Suite struct TimeZoneTests {
    private func offset(_ zone: TimeZoneRules, _ text: String) -> Int64 {
        zone.span(at: time(text).microseconds / 1_000_000).offset
    }

    private func span(_ zone: TimeZoneRules, _ time: Int64) -> [Int64?] {
        let span = zone.span(at: time)
        return [span.start, span.end, span.offset]
    }

    @Test func `a rule says when the clocks are changed each year`() throws {
        let zone = try ZoneFile.europe
        #expect(offset(zone, "2026-03-29T00:59:59Z") == 3600)
        #expect(offset(zone, "2026-03-29T01:00:00Z") == 7200)
        #expect(offset(zone, "2026-10-25T00:59:59Z") == 7200)
        #expect(offset(zone, "2026-10-25T01:00:00Z") == 3600)
        #expect(offset(zone, "2326-07-01T00:00:00Z") == 7200)
        #expect("\(zone.civil(at: time("2026-07-01T10:05:00Z")))" == "2026-07-01 12:05")
    }

    @Test func `south of the equator summer is over the new year, and half hours count`() throws {
        let zone = try ZoneFile.rules("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0")
        #expect(offset(zone, "2026-01-01T00:00:00Z") == 39_600)
        #expect(offset(zone, "2026-07-01T00:00:00Z") == 37_800)
        #expect(offset(zone, "2026-10-03T15:30:00Z") == 39_600)
    }

    @Test func `days of a rule may be counted, and hours be negative or many`() throws {
        // An hour before the last Sunday of March begins.
        let zone = try ZoneFile.rules("<-02>2<-01>,M3.5.0/-1,M10.5.0/0")
        #expect(offset(zone, "2026-03-28T23:59:59Z") == -7200)
        #expect(offset(zone, "2026-03-29T01:00:00Z") == -3600)
        let counted = try ZoneFile.rules("AAA0BBB,J60/0,300/24")
        #expect(offset(counted, "2028-02-29T23:59:59Z") == 0)
        #expect(offset(counted, "2028-03-01T00:00:00Z") == 3600)
    }

    @Test func `a summer that lasts all year has no end`() throws {
        let zone = try ZoneFile.rules("AAA5BBB,0/0,J365/25")
        for year in 1990...2040 as ClosedRange<Int64> {
            for month in [1, 6, 12] as [Int64] {
                let day = Timestamp.days(fromCivil: (year, month, 1))
                #expect(span(zone, day * 86_400) == [nil, nil, -14_400])
            }
        }
    }

    @Test func `changes of the past are those of the table, and later ones those of the rule`() throws {
        let zone = try ZoneFile(
            changes: [(at: 0, kind: 1), (at: 1_000_000, kind: 2), (at: 2_000_000, kind: 2)],
            offsets: [1800, 3600, -7200], footer: "AAA2"
        ).rules()
        #expect(span(zone, -1) == [nil, 0, 1800])
        #expect(span(zone, 0) == [0, 1_000_000, 3600])
        // A change that changes nothing is none.
        #expect(span(zone, 2_000_001) == [1_000_000, nil, -7200])
    }

    @Test func `what is no file of a time zone is refused with a reason`() {
        func fault(_ bytes: [UInt8]) -> String? {
            do throws(TimeZoneRules.FileFault) {
                _ = try TimeZoneRules(file: bytes)
                return nil
            } catch {
                return error.description
            }
        }
        let good = ZoneFile(footer: "AAA-1").bytes
        #expect(fault(good) == nil)
        #expect(fault(Array("hello".utf8)) == "is no file of a time zone")
        #expect(fault(ZoneFile(version: 0).bytes)?.contains("version 1") == true)
        #expect(fault(ZoneFile(changes: [(at: 5, kind: 9)]).bytes)?.contains("does not have") == true)
        #expect(
            fault(ZoneFile(changes: [(at: 5, kind: 0), (at: 5, kind: 0)]).bytes)?.contains("order") == true)
        #expect(fault(ZoneFile(offsets: [200_000]).bytes)?.contains("offset") == true)
        #expect(fault(ZoneFile(leaps: 1).bytes)?.contains("leap") == true)
        #expect(fault(ZoneFile(footer: "AAA-1BBB,M13.1.0,M4.1.0").bytes)?.contains("rule") == true)
        for count in 0..<good.count { #expect(fault(Array(good[..<count])) != nil) }
    }

    @Test func `a directory of zones knows those of this machine, and no path beside them`() throws {
        let zones = ZoneDirectory(path: "/zones") { (path) throws(ApolloError) in
            path == "/zones/Area/City" ? ZoneFile(footer: "AAA-1").bytes : nil
        }
        let now = Timestamp(microseconds: 0)
        #expect(try zones.rules("Area/City", at: now).span(at: 0).offset == 3600)
        #expect(try zones.rules("UTC", at: now) == .utc)
        for name in ["Area/Town", "../etc/passwd", "/etc/passwd", "", "a//b", "a b"] {
            #expect(throws: ApolloError.self) { try zones.rules(name, at: now) }
        }
    }

    @Test(
        .enabled(
            if: (try? ZoneDirectory.read("/usr/share/zoneinfo/Europe/Berlin")) ?? nil != nil, "needs tzdata"))
    func `this machine's own files are read`() throws {
        let zones = ZoneDirectory()
        let now = Timestamp(microseconds: 0)
        let berlin = try zones.rules("Europe/Berlin", at: now)
        #expect(offset(berlin, "1980-06-01T00:00:00Z") == 7200)
        #expect(offset(berlin, "2026-12-01T00:00:00Z") == 3600)
        #expect(offset(try zones.rules("Asia/Kolkata", at: now), "2026-12-01T00:00:00Z") == 19_800)
        #expect(throws: ApolloError.self) { try zones.rules("Europe", at: now) }
    }
}
