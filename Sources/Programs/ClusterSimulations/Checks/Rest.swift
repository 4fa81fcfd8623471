import ClusterModel
import TaskDecisions

/// What has to come of it when nothing is amiss any more: everything settles, and ends when it is asked to.
///
/// There is a limit to how long that may take. Where all is at rest before, and nothing is left that a clock would change, waiting
/// for the limit would show nothing more.
struct Rest {
    let world: World
    let clients: Clients
    let jobs: JobClients
    let monitor: Monitor

    /// How long nothing is asked to end, at least.
    static let settling = 5 * Span.minute

    func take() {
        let final = FinalChecks(world: world)
        run(atLeast: Self.settling, atMost: 15 * Span.minute) { final.isAtRest }
        if world.violation == nil { final.checkSettled() }
        monitor.checkOwed()
        jobs.stopAll()
        stopAll()
        // A cron job may just have begun a run, and a batch a part.
        run(atLeast: Span.minute, atMost: 5 * Span.minute) { final.isStopped }
        stopAll()
        run(atLeast: Span.minute, atMost: 5 * Span.minute) { final.isStopped }
        if world.violation == nil { final.checkStopped() }
        monitor.checkOwed()
    }

    private func run(atLeast shortest: Int64, atMost longest: Int64, until isOver: () -> Bool) {
        let end = world.now + longest
        world.run(until: world.now + shortest)
        while world.violation == nil, world.now < end, !isOver() {
            world.run(until: min(end, world.now + 20 * Span.second))
        }
    }

    private func stopAll() {
        guard world.violation == nil, let manager = world.leader else { return }
        for record in manager.core.tasks.values.sorted(by: { $0.id < $1.id }) where !record.state.isFinal {
            clients.stop(0, record.id)
        }
    }
}
