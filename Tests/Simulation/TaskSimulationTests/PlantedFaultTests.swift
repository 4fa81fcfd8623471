import Simulation
import Testing

/// The checks prove that they can fail: each planted fault is found.
struct PlantedFaultTests {
    /// Far fewer than the seeds that the real thing has to pass.
    private static let budget: UInt64 = 120

    @Test(arguments: Plant.allCases)
    func `the simulation finds`(plant: Plant) async {
        let found = await SimulationThread.shared.run { Self.violation(with: plant) }
        #expect(found != nil, "\(plant.rawValue) is not found in \(Self.budget) seeds")
    }

    /// The first violation that a run with the fault shows.
    private static func violation(with plant: Plant) -> Violation? {
        var found: Violation?
        for seed in 0..<budget where found == nil {
            do throws(SimulationFailure) {
                _ = try TaskSimulation(seed: seed, plant: plant).run()
            } catch {
                // A run that fails in another way has not understood what is wrong.
                if case .failed(let violation as Violation) = error.cause { found = violation }
            }
        }
        return found
    }
}
