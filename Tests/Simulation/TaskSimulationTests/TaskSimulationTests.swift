import Core
import Simulation
import Testing

/// `APOLLO_SEED=17` runs one seed alone, `APOLLO_SEEDS=5000` so many of them.
struct TaskSimulationTests {
    @Test(arguments: Seeds.groups(normally: 300))
    func `whatever happens, no promise is broken`(seeds: ArraySlice<UInt64>) async {
        let outcomes = await SimulationThread.shared.run { Self.outcomes(of: seeds) }
        guard outcomes.count > 1 else { return }
        // Runs in which nothing happens would prove nothing.
        #expect(outcomes.allSatisfy { $0.lives > 1 && $0.time > .seconds(100) })
        #expect(outcomes.map(\.acknowledged).reduce(0, +) > outcomes.count * 6)
        #expect(outcomes.map(\.attempts).reduce(0, +) > outcomes.count * 10)
        #expect(outcomes.map(\.adopted).reduce(0, +) > outcomes.count)
    }

    /// What the runs did that broke no promise; the others are recorded.
    private static func outcomes(of seeds: ArraySlice<UInt64>) -> [TaskSimulation.Outcome] {
        var outcomes: [TaskSimulation.Outcome] = []
        for seed in seeds {
            do throws(SimulationFailure) {
                outcomes.append(try TaskSimulation(seed: seed).run())
            } catch {
                Issue.record(
                    "\(error)\nTo see it again: APOLLO_SEED=\(seed) swift test --filter TaskSimulationTests")
            }
        }
        return outcomes
    }

    @Test func `a seed is the same run again`() async throws {
        for seed: UInt64 in 0..<20 {
            let first = try await SimulationThread.shared.run { try TaskSimulation(seed: seed).run() }
            let second = try await SimulationThread.shared.run { try TaskSimulation(seed: seed).run() }
            #expect(first == second, "seed \(seed) took other steps the second time")
        }
    }
}
