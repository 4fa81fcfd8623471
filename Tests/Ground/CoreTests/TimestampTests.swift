import Core
import Testing

struct TimestampTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (1_000_000_000_000_000, "2001-09-09T01:46:40.000Z"),
        (951_782_400_123_000, "2000-02-29T00:00:00.123Z"), (-1, "1969-12-31T23:59:59.999Z"),
        (4_102_444_799_999_000, "2099-12-31T23:59:59.999Z"),
        (253_402_300_800_000_000, "10000-01-01T00:00:00.000Z"),
        (-62_135_596_800_000_001, "0000-12-31T23:59:59.999Z"),
    ])
    func `a moment is written as RFC 3339 has it`(_ microseconds: Int64, _ text: String) {
        #expect(Timestamp(microseconds: microseconds).description == text)
    }

    @Test func `what is written reads back to the millisecond`() {
        for step in 0..<2000 {
            let moment = Timestamp(microseconds: Int64(step) * 49_999_999_999_000 - 10_000_000_000_000_000)
            #expect(Timestamp(parsing: moment.description) == moment)
        }
    }

    @Test(arguments: [
        ("2026-11-21T09:30:11+02:00", "2026-11-21T07:30:11.000Z"),
        ("2026-11-21 09:30:11.5z", "2026-11-21T09:30:11.500Z"),
        ("2026-11-21T00:30:00-01:30", "2026-11-21T02:00:00.000Z"),
    ])
    func `zones and fractions are read`(_ text: String, _ utc: String) {
        #expect(Timestamp(parsing: text)?.description == utc)
    }

    @Test(arguments: [
        "", "2026-11-21", "2026-11-21T09:30:11", "2026-13-01T00:00:00Z", "2026-11-21T24:00:00Z",
        "2026-11-21T09:30:11.Z",
        "2026-11-21T09:30:11Zx", "2026-11-21T09:30:11+0200", "٢٠٢٦-11-21T09:30:11Z", "2026-00-10T00:00:00Z",
    ])
    func `what is no moment is refused`(_ text: String) {
        #expect(Timestamp(parsing: text) == nil)
    }
}
