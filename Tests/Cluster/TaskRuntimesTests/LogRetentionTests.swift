import ClusterModel
import Core
import TaskRuntimes
import Testing

struct LogRetentionTests {
    private func kept(_ number: Int, endedAt seconds: Int64, size: Int64) -> LogRetention.Kept {
        let text = String(repeating: "0", count: 19) + String(number)
        return LogRetention.Kept(
            attempt: AttemptID(parsing: text)!, endedAt: Timestamp(microseconds: seconds * 1_000_000),
            size: ByteCount(size))
    }

    private func dropped(_ logs: [LogRetention.Kept], keep: Duration, size: Int64, at now: Int64) -> [Int] {
        LogRetention(keep: keep, maxSize: ByteCount(size))
            .dropped(of: logs, at: Timestamp(microseconds: now * 1_000_000))
            .map { Int($0.text)! }
    }

    @Test func `what ended too long ago goes, the oldest first`() {
        let logs = [
            kept(2, endedAt: 20, size: 1), kept(1, endedAt: 10, size: 1), kept(3, endedAt: 90, size: 1),
        ]
        #expect(dropped(logs, keep: .seconds(60), size: 100, at: 100) == [1, 2])
        #expect(dropped(logs, keep: .seconds(90), size: 100, at: 100) == [])
    }

    @Test func `what is too much goes, from the oldest on, and leaves no hole`() {
        let logs = [
            kept(1, endedAt: 10, size: 1), kept(2, endedAt: 20, size: 50), kept(3, endedAt: 30, size: 60),
        ]
        #expect(dropped(logs, keep: .seconds(1000), size: 111, at: 100) == [])
        #expect(dropped(logs, keep: .seconds(1000), size: 109, at: 100) == [1, 2])
        #expect(dropped(logs, keep: .seconds(1000), size: 59, at: 100) == [1, 2, 3])
        #expect(dropped([], keep: .seconds(1), size: 0, at: 100) == [])
    }

    @Test func `it is looked after often enough for short times`() {
        #expect(LogRetention(keep: .seconds(2), maxSize: ByteCount(0)).interval == .seconds(1))
        #expect(LogRetention(keep: .seconds(86400), maxSize: ByteCount(0)).interval == .seconds(60))
    }
}
