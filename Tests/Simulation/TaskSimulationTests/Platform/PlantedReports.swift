import ClusterModel
import Core
import Simulation
import TaskDecisions
import Workers

/// What a worker reports, with a planted fault, or only with the repetitions that a network may make.
struct PlantedReports: Sendable {
    let plant: Plant?
    /// The share of reports that come twice.
    let duplication: Double
    let random: SimulatedRandom
    let environment: Environment
    let receive: @Sendable (NodeReport) -> Void

    func report(_ report: NodeReport) {
        switch (plant, report) {
        case (.hidesRecovery, .runtimes), (.hidesRecovery, .attempts): return
        default: break
        }
        receive(altered(report))
        if random.chance(duplication) { receive(altered(report)) }
        if plant == .reportsEndsEarly, case .attempt(.started, let attempt, let task) = report,
            random.chance(0.3)
        {
            let now = environment.wallClock.now
            receive(.attempt(.exited(code: 0, at: now, reason: "exit code 0"), attempt, task))
        }
    }

    private func altered(_ report: NodeReport) -> NodeReport {
        if plant == .confusesCodes,
            case .attempt(.exited(let code?, let time, let reason), let attempt, let task) = report
        {
            return .attempt(.exited(code: code + 1, at: time, reason: reason), attempt, task)
        }
        return report
    }
}

/// A clock of which some sleeps never end.
struct ForgetfulClock: MonotonicClock {
    let clock: any MonotonicClock
    let random: SimulatedRandom

    var now: MonotonicInstant { clock.now }

    func sleep(until deadline: MonotonicInstant) async throws {
        let forgets = random.chance(0.1)
        try await clock.sleep(until: forgets ? MonotonicInstant(nanoseconds: .max) : deadline)
    }
}
