import Core
import Testing

struct DurationTests {
    @Test(arguments: [
        ("90s", 90.0), ("1.5h", 5400), ("2m30s", 150), ("500ms", 0.5), ("42", 42), ("0.25", 0.25),
        ("1d", 86400), ("7us", 0.000007),
    ])
    func `a duration is read`(_ text: String, _ seconds: Double) {
        #expect(Duration(parsing: text).map { abs($0.inSeconds - seconds) < 1e-9 } == true)
    }

    @Test(arguments: ["", "s", "-1s", "1x", "1s ", "5 s", "1m30", "1e9d", "99999999d", "..1s"])
    func `what is no duration is refused`(_ text: String) {
        #expect(Duration(parsing: text) == nil)
    }

    @Test(arguments: [
        (0.0000005, "0us"), (0.0005, "500us"), (0.85, "850ms"), (12, "12s"), (119, "119s"), (180, "3m"),
        (18000, "5h"),
        (800_000, "9d"),
    ])
    func `the short form fits a table`(_ seconds: Double, _ text: String) {
        #expect(Duration.seconds(seconds).short == text)
    }
}
