import ClusterModel
import Concurrency
import Core
import TaskDecisions
import Testing

@testable import Managers

/// What is stored at once, and what waits for more.
struct UnhurriedEntriesTests {
    private let task: TaskID = Environment.live.identifier()

    private func entry(_ kind: OutboxEntry.Kind, _ reason: String) -> OutboxEntry {
        let record = TaskRecord(
            id: task, name: "a", project: "default", spec: TaskSpec(executable: "/bin/true"), reason: reason,
            createdAt: Timestamp(microseconds: 0), createdBy: "")
        return OutboxEntry(Decision(changes: [.put(record)]), kind: kind)
    }

    private func reasons(_ entries: [OutboxEntry]) -> [String] {
        entries.flatMap(\.decision.changes).compactMap {
            if case .put(let record) = $0 { record.reason } else { nil }
        }
    }

    @Test func `a beginning is stored with what comes next, in order`() {
        var waiting = UnhurriedEntries<OutboxEntry>()
        var stored = waiting.take(entry(.other, "waits"), isUnhurried: false)
        #expect(reasons(stored) == ["waits"])
        stored =
            waiting.take(entry(.unhurried, "runs"), isUnhurried: true)
            + waiting.take(entry(.unhurried, "runs too"), isUnhurried: true)
        #expect(stored.isEmpty)
        stored = waiting.take(entry(.other, "ended"), isUnhurried: false)
        #expect(reasons(stored) == ["runs", "runs too", "ended"])
        stored = waiting.takeAll()
        #expect(stored.isEmpty)
    }

    @Test func `one timer is set for all that wait, and it has them stored`() {
        var waiting = UnhurriedEntries<OutboxEntry>()
        var timers = [waiting.needsTimer()]
        for reason in ["runs", "runs too"] {
            _ = waiting.take(entry(.unhurried, reason), isUnhurried: true)
            timers.append(waiting.needsTimer())
        }
        let stored = waiting.timeOut()
        #expect(reasons(stored) == ["runs", "runs too"])
        timers.append(waiting.needsTimer())
        _ = waiting.take(entry(.unhurried, "again"), isUnhurried: true)
        timers.append(waiting.needsTimer())
        #expect(timers == [false, true, false, false, true])
    }

    @Test func `only that an attempt runs can wait`() {
        let now = Timestamp(microseconds: 0)
        let started = AttemptEvent.started(at: now, ports: [], warnings: [])
        var running = entry(.other, "running").decision
        guard case .put(var record) = running.changes[0] else { return }
        record.state = .running
        running.changes[0] = .put(record)
        #expect(running.isBeginning(after: started))
        #expect(!running.isBeginning(after: .exited(code: 0, at: now, reason: "")))
        record.state = .stopping
        #expect(!Decision(changes: [.put(record)]).isBeginning(after: started))
        #expect(!Decision().isBeginning(after: started))
    }
}
