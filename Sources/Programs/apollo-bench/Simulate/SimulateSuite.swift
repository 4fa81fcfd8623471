import Benchmarks
import ClusterSimulations
import Concurrency
import Core

/// How fast a cluster is simulated in which everything goes wrong.
enum SimulateSuite {
    /// - Parameters:
    ///   - seeds: how many runs a sample is, as many at once as there are cores.
    ///   - hours: the virtual hours of each.
    static func suite(seeds: Int = 100, hours: Double = 1) -> Suite {
        Suite(
            "simulate", summary: "Run a cluster on a virtual clock, with everything that can go wrong",
            cases: [speed(seeds: seeds, hours: hours)])
    }

    private static func speed(seeds: Int, hours: Double) -> Case {
        let (submissions, faults) = (ClusterSimulation.submissions, ClusterSimulation.faults)
        return Case(
            "hours-per-second", unit: "virtual hours/s", better: .higher,
            note: "each hour with \(submissions) submissions and \(faults) faults, and everything checked"
        ) { _ in
            let width = Campaign.width
            var contest = Contest {
                var campaign = Campaign(seeds: Array(0..<UInt64(seeds)), hours: hours, bug: nil)
                try await campaign.run(clock: Environment.live.clock)
                try require(campaign)
                return campaign.hoursPerSecond
            }
            contest.remark = "a sample is \(seeds) seeds of \(hours) h, \(width) at once"
            return contest
        }
    }

    /// A sample counts when nothing was broken, and there was as much work and trouble as its note says.
    private static func require(_ campaign: Campaign) throws(ApolloError) {
        let hours = campaign.hours
        if let failed = campaign.violation, let violation = failed.violation {
            throw ApolloError(
                .internal, "seed \(failed.seed) breaks a rule: \(violation)",
                hint: "apollo-bench simulate --seed \(failed.seed) --hours \(hours) tells what happened")
        }
        for report in campaign.reports {
            let counts = report.counts
            guard counts.submissions >= Int(Double(ClusterSimulation.submissions) * hours),
                counts.faults >= Int(Double(ClusterSimulation.faults) * hours)
            else {
                throw ApolloError(
                    .internal,
                    "seed \(report.seed) had only \(counts.submissions) submissions and \(counts.faults) faults in \(hours) h"
                )
            }
        }
    }
}
