import ClusterModel
import Core
import Leases
import Testing

@Suite("A worker that is cut off")
struct DisconnectTableTests {
    private static func at(_ seconds: Int64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: seconds * 1_000_000_000)
    }

    private static func launch(_ number: UInt64, stopAfter: Double?) -> AttemptLaunch {
        var spec = TaskSpec(executable: "/bin/true")
        if let stopAfter { (spec.onDisconnect, spec.stopAfter) = (.stopAfter, Seconds(stopAfter)) }
        return AttemptLaunch(
            attempt: AttemptID(time: Timestamp(microseconds: 0), random: number),
            task: TaskID(time: Timestamp(microseconds: 0), random: number), taskName: "t",
            project: "default", spec: spec)
    }

    @Test("stops what asks for it, that long after the lease, and once")
    func stops() {
        var table = DisconnectTable(at: Self.at(0))
        table.granted(until: Self.at(10))
        #expect(table.started(Self.launch(1, stopAfter: 5)) == true)
        #expect(table.started(Self.launch(2, stopAfter: nil)) == false)
        #expect(table.nextDeadline == Self.at(15))
        #expect(table.due(at: Self.at(14)).isEmpty)
        #expect(table.due(at: Self.at(15)).map(\.attempt) == [Self.launch(1, stopAfter: 5).attempt])
        #expect(table.due(at: Self.at(16)).isEmpty)
        #expect(table.wasStopped(Self.launch(1, stopAfter: 5).attempt))
        #expect(table.nextDeadline == nil)
    }

    @Test("lets it run while the lease is renewed")
    func renewed() {
        var table = DisconnectTable(at: Self.at(0))
        _ = table.started(Self.launch(1, stopAfter: 5))
        for second in stride(from: Int64(10), to: 100, by: 10) {
            table.granted(until: Self.at(second))
            #expect(table.due(at: Self.at(second - 1)).isEmpty)
        }
        // An answer that was long under way does not shorten the lease.
        table.granted(until: Self.at(20))
        #expect(table.nextDeadline == Self.at(95))
    }

    @Test("forgets what has ended by itself, and remembers that it stopped something until that is removed")
    func forgets() {
        var table = DisconnectTable(at: Self.at(0))
        let (first, second) = (Self.launch(1, stopAfter: 5), Self.launch(2, stopAfter: 0))
        table.granted(until: Self.at(1))
        _ = table.started(first)
        _ = table.started(second)
        #expect(table.due(at: Self.at(1)).map(\.attempt) == [second.attempt])
        #expect(table.ended(first.attempt) == true)
        #expect(table.ended(second.attempt) == false)
        #expect(table.wasStopped(second.attempt))
        #expect(table.removed(second.attempt) == true)
        #expect(table.entries.isEmpty)
    }

    @Test("looks for its manager for a while after a start, and stops what it found if there is none")
    func restarted() {
        var before = DisconnectTable(at: Self.at(0))
        _ = before.started(Self.launch(1, stopAfter: 3600))
        var table = DisconnectTable(Array(before.entries.values), at: Self.at(100))
        #expect(table.nextDeadline == Self.at(104))
        var found = table
        found.granted(until: Self.at(103))
        #expect(found.due(at: Self.at(110)).isEmpty)
        #expect(table.due(at: Self.at(110)).count == 1)
    }

    @Test("what was stopped for a cut is not taken for new when an order to start it comes late")
    func lateOrder() {
        var table = DisconnectTable(at: Self.at(0))
        table.granted(until: Self.at(10))
        let isNew = table.started(Self.launch(1, stopAfter: 5))
        #expect(isNew)
        let due = table.due(at: Self.at(15))
        #expect(due.count == 1)
        let isNewAgain = table.started(Self.launch(1, stopAfter: 5))
        #expect(!isNewAgain)
        #expect(table.stopped(Self.launch(1, stopAfter: 5).attempt) != nil)
        let later = table.due(at: Self.at(100))
        #expect(later.isEmpty)
    }
}
