import ClusterModel
import Core
import TaskDecisions
import Testing

struct RetentionTests {
    /// A bench with so many tasks that completed, a second apart.
    private func bench(_ count: Int, from start: Double = 0) throws -> (Bench, [TaskRecord]) {
        var bench = Bench()
        let records = try complete(count, in: &bench, from: start)
        return (bench, records)
    }

    private func complete(_ count: Int, in bench: inout Bench, from start: Double = 0) throws -> [TaskRecord]
    {
        try (0..<count).map { number in
            let record = try bench.running("t\(Int(start) + number)")
            _ = bench.exit(record, code: 0, at: seconds(start + Double(number)))
            return bench.state(record)
        }
    }

    private func deleted(_ decision: Decision) -> [TaskID] {
        decision.changes.compactMap { if case .delete(let id, _) = $0 { id } else { nil } }
    }

    @Test func `what is over is kept for a round, so that all who want to know have looked`() throws {
        var (bench, records) = try bench(3)
        #expect(bench.core.expire(finishedBefore: seconds(100)).isEmpty)
        bench.core.ripen()
        #expect(bench.core.expire(finishedBefore: seconds(100)).isEmpty)
        bench.core.ripen()
        let decision = bench.core.expire(finishedBefore: seconds(2))
        #expect(deleted(decision) == records.prefix(2).map(\.id))
        // Their attempts go with them.
        let removed = decision.directives.compactMap {
            if case .remove(let place) = $0 { place.attempt } else { nil }
        }
        #expect(removed == records.prefix(2).map { $0.attempts[0].id })
        #expect(bench.core.tasks.keys.sorted() == [records[2].id])
    }

    @Test func `of what is over so many are kept, and the oldest go a few at a time`() throws {
        var (bench, records) = try bench(10)
        let open = try bench.running("open")
        bench.core.ripen()
        bench.core.ripen()
        let first = bench.core.expire(finishedBefore: origin, keeping: 4, limit: 5)
        let second = bench.core.expire(finishedBefore: origin, keeping: 4, limit: 5)
        #expect(deleted(first) == records.prefix(5).map(\.id))
        #expect(deleted(second) == [records[5].id])
        #expect(bench.core.finishedCount == 4)
        #expect(bench.core.tasks[open.id] != nil)
    }

    @Test func `what was stored goes in the order in which it ended`() throws {
        let (old, records) = try bench(4)
        var bench = Bench(joined: false)
        for record in [records[2], records[0], records[3], records[1]] {
            bench.core.restore(record, idempotencyKey: record.name)
        }
        bench.core.ripen()
        bench.core.ripen()
        #expect(deleted(bench.core.expire(finishedBefore: origin, keeping: 1)) == records.prefix(3).map(\.id))
        #expect(bench.core.task(forKey: "t0") == nil)
        #expect(bench.core.task(forKey: "t3")?.id == records[3].id)
        #expect(old.core.finishedCount == 4)
    }

    @Test func `five thousand tasks after one another leave no more than are kept`() throws {
        var bench = Bench()
        for round in 0..<50 {
            let records = try complete(100, in: &bench, from: Double(round * 100))
            // Half of them are removed by hand.
            for record in records.prefix(50) {
                _ = try bench.core.remove(record.id)
                bench.core.removed(record.id)
            }
            bench.core.ripen()
            while !bench.core.expire(finishedBefore: origin, keeping: 100).isEmpty {}
            #expect(bench.core.finishedCount <= 250)
        }
        bench.core.ripen()
        bench.core.ripen()
        while !bench.core.expire(finishedBefore: origin, keeping: 0).isEmpty {}
        #expect(bench.core.tasks.isEmpty)
        #expect(bench.core.isEmpty)
    }
}
