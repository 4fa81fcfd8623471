import ClusterModel
import Core
import TaskDecisions
import Testing

@Suite("Machines that are cut off")
struct CutSimulationTests {
    @Test(
        "what must not run twice never does, and when all cuts are healed there is one copy of everything",
        arguments: UInt64(1)...8)
    func promises(seed: UInt64) throws {
        var world = try CutWorld(seed: seed, machines: 3, tasks: 6)
        let single = world.core.tasks.values.filter { $0.spec.onDisconnect == .stopAfter }.map(\.id)
        var replacements = 0
        for _ in 0..<2500 {
            world.advance()
            for task in single where world.copies(of: task) > 1 {
                Issue.record("two copies of \(task) at \(world.now / 1_000_000) ms with seed \(seed)")
                return
            }
        }
        world.heal()
        for _ in 0..<800 { world.advance() }
        for record in world.core.tasks.values.sorted(by: { $0.id < $1.id }) {
            #expect(record.state == .running, "\(record.name): \(record.reason)")
            #expect(record.reason == "running")
            #expect(world.copies(of: record.id) == 1, "\(record.name) of seed \(seed)")
            replacements += record.attemptCount - 1
        }
        #expect(replacements > 0, "the cuts of seed \(seed) did nothing")
    }
}
