import ClusterModel
import Core
import Scheduling
import Simulation

/// What differs from seed to seed before anything happens.
struct ClusterSettings {
    var machines: Int
    var capacities: [Capacity]
    var lease: Duration
    var lossGrace: Duration
    var policy: SchedulingPolicy
    var retention: Duration

    static func draw(_ random: inout SplitMix64) -> ClusterSettings {
        // One in ten has too little for what is asked of it.
        let isSmall = random.chance(0.1)
        let machines = isSmall ? 2 : Int(random.number(3...7))
        return ClusterSettings(
            machines: machines,
            capacities: (0..<machines).map { _ in
                Capacity(
                    cpuMillis: random.pick(isSmall ? [4000, 8000] : [8000, 16_000]),
                    memory: .gibibytes(Int64(random.pick([16, 64]))), disk: .gibibytes(100),
                    gpus: random.chance(0.2) ? 2 : 0, tasks: random.pick([20, 50]))
            },
            lease: .seconds(random.pick([5, 10, 10, 20])), lossGrace: .seconds(random.pick([3, 30])),
            policy: random.pick(SchedulingPolicy.allCases), retention: .seconds(random.pick([300, 600])))
    }

    /// Signs of life in a session.
    var heartbeat: Int64 { max(50_000, min(Span.second, lease.inMicroseconds / 6)) }
}
