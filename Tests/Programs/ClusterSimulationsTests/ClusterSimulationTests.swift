import ClusterSimulations
import Testing

/// What must never be, over virtual hours in which everything goes wrong. `apollo-bench simulate` runs as many as one likes.
struct ClusterSimulationTests {
    @Test(arguments: 0..<5 as Range<UInt64>)
    func `whatever goes wrong in an hour, no promise is broken`(seed: UInt64) async {
        let report = await SimulationThread.run(Int(seed)) { ClusterSimulation(seed: seed).run() }
        #expect(report.violation == nil, "apollo-bench simulate --seed \(seed)")
        // Runs in which nothing happens would prove nothing.
        #expect(report.counts.submissions == ClusterSimulation.submissions)
        #expect(report.counts.acknowledged >= 900)
        #expect(report.counts.faults >= ClusterSimulation.faults)
        #expect(report.counts.managers > 1)
        #expect(report.counts.jobs > 2)
    }

    /// It once changed a service when all had been asked to stop, and took what came up then for something that does not end.
    @Test(arguments: 0..<4 as Range<UInt64>)
    func `nothing is asked for after everything was asked to stop, however short a run is`(seed: UInt64) async
    {
        let report = await SimulationThread.run(Int(seed)) { ClusterSimulation(seed: seed, hours: 0.1).run() }
        #expect(report.violation == nil, "apollo-bench simulate --seed \(seed) --hours 0.1")
    }

    @Test(arguments: Regressions.seeds)
    func `what was found once stays mended`(regression: Regressions.Seed) async {
        let report = await SimulationThread.run(Int(regression.seed)) {
            ClusterSimulation(seed: regression.seed, hours: regression.hours).run()
        }
        #expect(report.violation == nil, "once: \(regression.fault)")
    }

    @Test func `a seed is the same run again`() async {
        for seed: UInt64 in 100..<103 {
            let first = await SimulationThread.run(0) { ClusterSimulation(seed: seed, hours: 0.3).run() }
            let second = await SimulationThread.run(1) { ClusterSimulation(seed: seed, hours: 0.3).run() }
            #expect(first.fingerprint == second.fingerprint, "seed \(seed)")
            #expect(first.events == second.events)
            #expect(first.counts == second.counts)
        }
    }

    @Test func `a run tells what happened last`() async {
        let report = await SimulationThread.run(0) {
            ClusterSimulation(seed: 1, hours: 0.1).run(traces: true)
        }
        #expect(report.trace.contains { $0.hasSuffix("all faults are over") })
    }
}
