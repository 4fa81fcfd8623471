import ClusterModel
import Core
import Simulation
import TaskDecisions

/// A cluster of plain values: the real decisions of manager, registry, scheduler, worker and jobs, on a virtual clock, with all that
/// can go wrong between them drawn from a seed.
///
/// The services around the decisions, which wait and send, are not run but written again, without waiting: what is stored,
/// acknowledged and sent after what, and what is forgotten by a crash. `TaskSimulationTests` run the services themselves, more slowly.
public struct ClusterSimulation: Sendable {
    /// In each virtual hour.
    public static let submissions = 1000
    public static let faults = 20

    public var seed: UInt64
    public var hours: Double
    public var bug: PlantedBug?

    public init(seed: UInt64, hours: Double = 1, bug: PlantedBug? = nil) {
        self.seed = seed
        self.hours = hours
        self.bug = bug
    }

    /// - Parameter traces: whether to keep what happens in words, which takes several times as long.
    public func run(traces: Bool = false) -> SimulationReport {
        let world = World(seed: seed, bug: bug, traces: traces)
        let end = Int64(hours * Double(Span.hour))
        world.startManager(seat: 0)
        for machine in world.machines { machine.startWorker() }
        let (clients, jobs, faults) = (Clients(world), JobClients(world), Faults(world))
        let monitor = Monitor(world)
        monitor.begin()
        clients.submit(Int(Double(Self.submissions) * hours), until: end)
        jobs.begin(until: end)
        faults.strike(max(1, Int(Double(Self.faults) * hours)), until: end)
        world.run(until: end)
        if world.violation == nil {
            faults.heal()
            Rest(world: world, clients: clients, jobs: jobs, monitor: monitor).take()
        }
        defer { world.end() }
        return SimulationReport(
            seed: seed, hours: hours, counts: world.counts, events: world.events,
            fingerprint: world.random.next(), violation: world.violation, trace: world.traceLines)
    }
}
