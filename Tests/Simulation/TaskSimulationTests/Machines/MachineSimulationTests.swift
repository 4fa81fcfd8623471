import Core
import Simulation
import Testing

/// The services between machines as they are: registration, leases, sessions, and what a worker does while it is cut off.
struct MachineSimulationTests {
    @Test(arguments: Seeds.groups(normally: 12, of: 6))
    func `between machines, too, no promise is broken`(seeds: ArraySlice<UInt64>) async {
        let outcomes = await SimulationThread.shared.run { Self.outcomes(of: seeds) }
        guard outcomes.count > 1 else { return }
        // Runs in which nothing happens would prove nothing.
        #expect(outcomes.map(\.lives).reduce(0, +) > Int64(outcomes.count))
        #expect(outcomes.map(\.attempts).reduce(0, +) > outcomes.count * 15)
    }

    private static func outcomes(of seeds: ArraySlice<UInt64>) -> [MachineSimulation.Outcome] {
        var outcomes: [MachineSimulation.Outcome] = []
        for seed in seeds {
            do throws(SimulationFailure) {
                outcomes.append(try MachineSimulation(seed: seed).run())
            } catch {
                Issue.record(
                    "\(error)\nTo see it again: APOLLO_SEED=\(seed) swift test --filter MachineSimulationTests"
                )
            }
        }
        return outcomes
    }
}
