import ClusterSimulations
import Testing

/// The checks prove that they can fail: each planted bug is found, by a seed that goes well without it.
struct PlantedBugTests {
    /// How long each run is, and how many there are at most: with all others of this module, and with what runs machines with their
    /// real services, it has to be over within a minute on two cores, not optimised.
    private struct Budget {
        var hours = 0.3
        var runs: UInt64 = 40
        /// The seed that is tried first, for it found the bug before.
        var first: UInt64 = 0
    }

    private static func budget(for bug: PlantedBug) -> Budget {
        switch bug {
        case .losesWakeUps, .forgetsAdoption, .ignoresCuts, .ignoresHealth, .sparesVictims: Budget(first: 1)
        case .fencesNobody: Budget(first: 2)
        case .forgetsKeys: Budget(first: 3)
        case .actsUnstored: Budget(first: 7)
        case .lapsesByCivilTime: Budget(first: 8)
        case .overtakesBeginnings: Budget(first: 9)
        case .forgetsGuards: Budget(first: 19)
        case .losesStops: Budget(first: 50)
        // A runtime has to be away just when something in it is looked at.
        case .blamesTasks: Budget(first: 134)
        // Two managers have to be up while a worker comes back.
        case .startsUnguarded: Budget(hours: 1, first: 13)
        case .takesHelloForGrant: Budget(hours: 1, first: 26)
        // A disk has to be full twice within seconds.
        case .voidsTooMuch: Budget(hours: 1, first: 92)
        // A clock has to be set back while something waits.
        case .waitsByCivilTime: Budget(hours: 1, first: 11)
        // Something has to run on that long on a node that is drained by a deadline.
        case .sparesAtDeadline: Budget(hours: 1)
        default: Budget()
        }
    }

    @Test(arguments: PlantedBug.allCases)
    func `the simulation finds`(bug: PlantedBug) async {
        let number = PlantedBug.allCases.firstIndex(of: bug) ?? 0
        let budget = Self.budget(for: bug)
        let (found, without) = await SimulationThread.run(number) { () -> (UInt64?, SimulationReport?) in
            let order = [budget.first] + (0..<budget.runs).filter { $0 != budget.first }
            let found = order.first { seed in
                ClusterSimulation(seed: seed, hours: budget.hours, bug: bug).run().violation != nil
            }
            return (found, found.map { ClusterSimulation(seed: $0, hours: budget.hours).run() })
        }
        #expect(found != nil, "\(bug.rawValue) is not found in \(budget.runs) runs")
        #expect(without?.violation == nil, "what seed \(found ?? 0) found was not the bug")
    }
}
