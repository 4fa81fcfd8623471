import Benchmarks
import Core
import Glibc
import Scheduling

/// How fast the pure scheduler places.
enum PlacementCases {
    static let cases = [
        plain, DurableCase.benchmark, DurableCase.onServer, spreadAndAffinity, preempting, preemptingCore,
        waiting,
        million,
    ]

    private static let plain = Case(
        "place-5000x50000", unit: "placements/s", better: .higher,
        note:
            "by processor time; 160 shapes, in batches of 2,048; every place checked, one in 97 against a scan of all nodes"
    ) { _ in
        let cell = Cell.generated(nodes: 5000, tasks: 50_000, seed: 1)
        try PlacementRun(cell: cell).verify(every: 97)
        return contest(cell)
    }

    private static let spreadAndAffinity = Case(
        "place-spread-affinity-5000x10000", unit: "placements/s", better: .higher,
        note:
            "by processor time; 100 jobs of 100 tasks, each spread over zones, preferring half of the racks, one a node"
    ) { _ in
        var cell = Cell.generated(nodes: 5000, tasks: 10_000, seed: 2)
        for index in cell.asks.indices {
            let job = index / 100
            // Tasks of one job ask the same.
            cell.asks[index].amounts = cell.asks[job * 100].amounts
            cell.asks[index].spread = Spread(over: "zone", group: "job-\(job)")
            cell.asks[index].apartFrom = "job-\(job)"
            cell.asks[index].affinities = [
                Affinity(Constraint("rack", .isIn, (0..<50).map { "rack-\($0 * 2)" }), weight: 50)
            ]
        }
        let check = try PlacementRun(cell: cell).run()
        try requireEvenSpread(cell, check)
        return contest(cell)
    }

    /// Each job has as many tasks in one zone as in another, to one.
    private static func requireEvenSpread(_ cell: Cell, _ outcome: PlacementRun.Outcome) throws {
        for job in 0..<cell.asks.count / 100 {
            var zones: [String: Int] = [:]
            for index in job * 100..<job * 100 + 100 {
                guard let node = outcome.places[index] else { continue }
                zones[cell.nodes[node].labels["zone"]!, default: 0] += 1
            }
            guard let most = zones.values.max(), let least = zones.values.min(), most - least <= 1 else {
                throw PlacementRun.wrong("job \(job) is not spread: \(zones)")
            }
        }
    }

    private static let million = Case(
        "place-10000x1000000", unit: "placements/s", better: .higher,
        note: "by processor time; small tasks, 100 a node"
    ) { _ in
        let cell = Cell.generated(nodes: 10_000, tasks: 1_000_000, seed: 3).small()
        var contest = contest(cell)
        let before = try ProcessFacts(getpid()).memory("Rss")
        let scheduler = try PlacementRun(cell: cell).filled()
        let memory = (try ProcessFacts(getpid()).memory("Rss") - before) * 1_048_576 / 1e6
        let tenth = Cell(nodes: cell.nodes, asks: Array(cell.asks.prefix(100_000)))
        let rates = try [tenth, cell].map { part in
            let outcome = try PlacementRun(cell: part).run()
            return outcome.elapsed / Double(outcome.placed) * 1e9
        }
        contest.remark =
            "\(Int(memory)) bytes a task (\(scheduler.taskCount) placed); \(Int(rates[0])) ns a placement for the first 100,000, "
            + "\(Int(rates[1])) over all"
        return contest
    }

    private static func contest(_ cell: Cell) -> Contest {
        return Contest {
            let outcome = try PlacementRun(cell: cell).run()
            guard outcome.placed == cell.asks.count else {
                throw PlacementRun.wrong("\(cell.asks.count - outcome.placed) tasks found no place")
            }
            return Double(outcome.placed) / outcome.elapsed
        }
    }

    private static let preempting = Case(
        "preempt-5000x20000", unit: "placements/s", better: .higher,
        note:
            "by processor time; 20,000 unimportant tasks fill the cell; 5,000 important ones take the place of some"
    ) { _ in
        return Contest { try PreemptionRun().run() }
    }

    private static let preemptingCore = Case(
        "preempt-core-5000x20000", unit: "placements/s", better: .higher,
        note:
            "by processor time; the same through the whole core: 5,000 important tasks are submitted, their victims stop, end and "
            + "wait, and nothing is oversold"
    ) { _ in
        return Contest { try PreemptionCoreRun().run() }
    }

    private static let waiting = Case(
        "wait-5000x1000000", unit: "ends/s", better: .higher,
        note:
            "by processor time; a full cell and 1,000,000 tasks of 160 shapes that wait: one ends, and who fits starts; "
            + "none that waits would find room"
    ) { _ in
        let cell = Cell.generated(nodes: 5000, tasks: 100_000, seed: 4)
        var contest = Contest {
            let outcome = try WaitingRun(cell: cell, waiting: 1_000_000).run()
            return Double(outcome.ends) / outcome.ending
        }
        let few = try WaitingRun(cell: cell, waiting: 10_000).run()
        let many = try WaitingRun(cell: cell, waiting: 1_000_000).run()
        let cost = [few, many].map { Int($0.ending / Double($0.ends) * 1e9) }
        contest.remark =
            "\(Int(many.bytes)) bytes a task that waits, its record included; \(cost[0]) ns an end while 10,000 wait, \(cost[1]) ns while 1,000,000 do "
            + "(\(many.launched) started for \(many.ends) ends); \(Int(Double(many.submitted) / many.submitting)) submissions/s to the queue"
        return contest
    }
}
