import Calendars
import Core

/// Feeds bytes to the readers of time zone files and of schedules. Whatever they are, spans hold the time they were asked for and lie
/// side by side, and a schedule's times come one after the other.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzCalendars(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    var zone = TimeZoneRules.utc
    do throws(TimeZoneRules.FileFault) {
        zone = try TimeZoneRules(file: bytes)
        for time: Int64 in [-1 << 40, -1, 0, 1_000_000_000, 1_792_000_000, 1 << 40] { check(zone, at: time) }
    } catch {
        precondition(!error.description.isEmpty)
    }
    let text = String(decoding: bytes, as: UTF8.self)
    for text in [text, "* * * * *", "30 2 * * *", "0 0 29 2 *"] {
        do throws(CronSchedule.Fault) {
            var time = Timestamp(microseconds: 1_700_000_000_000_001)
            let schedule = try CronSchedule(parsing: text)
            for _ in 0..<3 {
                guard let next = schedule.next(after: time, in: zone) else { break }
                precondition(next > time, "goes back")
                time = next
            }
        } catch {
            precondition(!error.description.isEmpty)
        }
    }
    return 0
}

private func check(_ zone: TimeZoneRules, at time: Int64) {
    let span = zone.span(at: time)
    precondition(span.start ?? .min <= time, "begins after its time")
    precondition(time < span.end ?? .max, "ends before its time")
    guard let end = span.end else { return }
    precondition(zone.span(at: end).start == end, "the next span begins elsewhere")
}
