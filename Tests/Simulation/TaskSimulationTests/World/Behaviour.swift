import ClusterModel
import Core
import Simulation

/// How the simulated program of a task behaves; written into the task's command, so that every attempt of it is alike.
struct Behaviour: Sendable {
    /// How long an attempt runs if nobody ends it; nil for ever.
    var runs: Duration?
    var code: Int32
    /// How long it takes to end after SIGTERM; nil if it does not heed it.
    var heeds: Duration?

    /// What kills it in the end.
    static let killed: Int32 = 137

    init(runs: Duration?, code: Int32, heeds: Duration?) {
        self.runs = runs
        self.code = code
        self.heeds = heeds
    }

    static func draw(_ random: SimulatedRandom) -> Behaviour {
        let runs: Duration? =
            switch random.next(below: 10) {
            case 0...3: random.duration(in: .milliseconds(1) ... .seconds(1))
            case 4...7: random.duration(in: .seconds(1) ... .seconds(20))
            case 8: random.duration(in: .seconds(20) ... .seconds(60))
            default: nil
            }
        let heeds: Duration? =
            random.chance(0.8) ? random.duration(in: .milliseconds(1) ... .seconds(4)) : nil
        return Behaviour(
            runs: runs, code: random.chance(0.6) ? 0 : Int32(random.next(below: 4)), heeds: heeds)
    }

    init(_ spec: TaskSpec) {
        let words = spec.command.map { Int64($0) }
        runs = words[0].map { .nanoseconds($0) }
        code = Int32(words[1]!)
        heeds = words[2].map { .nanoseconds($0) }
    }

    var command: [String] {
        [runs.map { "\($0.inNanoseconds)" } ?? "-", "\(code)", heeds.map { "\($0.inNanoseconds)" } ?? "-"]
    }
}
