import Simulation
import Testing

struct CounterTests {
    private static let seeds: [Range<UInt64>] = stride(from: 0, to: 200, by: 20).map { $0..<$0 + 20 }

    @Test(arguments: seeds)
    func `no acknowledged increment is lost or counted twice, and each seed repeats`(seeds: Range<UInt64>)
        throws
    {
        for seed in seeds {
            let first = try CounterSimulation.run(seed: seed, fences: true)
            #expect(first.violations == [], "seed \(seed)")
            #expect(first.acknowledged == CounterSimulation.clients.count * CounterSimulation.requestsEach)
            let second = try CounterSimulation.run(seed: seed, fences: true)
            #expect(first == second, "seed \(seed) took other steps the second time")
        }
    }

    @Test func `without the fencing epoch the same check finds lost increments`() throws {
        var caught: [UInt64] = []
        for seed: UInt64 in 0..<200 {
            let outcome = try CounterSimulation.run(seed: seed, fences: false)
            guard !outcome.violations.isEmpty else { continue }
            caught.append(seed)
            let again = try CounterSimulation.run(seed: seed, fences: false)
            #expect(again == outcome, "seed \(seed) took other steps the second time")
            if caught.count == 3 { break }
        }
        #expect(caught.count == 3, "only the seeds \(caught) of 200 show the fault")
    }
}
