import ClusterModel
import Core
import JobDecisions
import JobModel
import Scheduling
import TaskDecisions

/// Looks at the whole from time to time, beside what is checked with every step.
final class Monitor {
    private unowned let world: World
    private var overdueSince: [TaskID: Int64] = [:]
    private var watched: Int64 = 0

    init(_ world: World) { self.world = world }

    func begin() {
        world.after(world.random.number(10 * Span.second...50 * Span.second)) { [self] in
            look()
            begin()
        }
    }

    func look() {
        checkOwed()
        guard let manager = world.leader, manager.works, manager.isOpen else { return }
        if watched != manager.epoch {
            watched = manager.epoch
            overdueSince = [:]
        }
        checkAllocations(manager)
        for work in manager.jobs.works.values { checkRuns(of: work) }
        let pending = manager.core.tasks.values.filter { $0.state == .pending }.sorted { $0.id < $1.id }
        for record in pending { check(record, manager) }
        // Of more, reasons are renewed only for those who look.
        if !pending.isEmpty, pending.count < 60 {
            let record = world.random.pick(pending)
            ReasonCheck(record: record, manager: manager).check(world)
        }
    }

    private func checkOwed() {
        for number in world.ledger.owed {
            let entry = world.ledger.entries[number]
            if world.store.rows[entry.task!] == nil {
                world.report(
                    .taskLost, "\(entry.key), acknowledged as \(entry.task!), is not stored any more")
            }
        }
        var keys: Set<String> = []
        for row in world.store.rows.values {
            guard let key = row.key else { continue }
            if !keys.insert(key).inserted { world.report(.keyTwice, "\(key) has two tasks") }
        }
    }

    /// Runs of a cron job that may not be under way at once.
    private func checkRuns(of work: JobWork) {
        guard let cron = work.job.cron, let policy = work.job.spec.cron, policy.concurrency != .allow else {
            return
        }
        let busy = Set(work.instances.filter { !$0.phase.isOver }.compactMap(\.run)).sorted()
        world.check(busy.count < 2, .jobAstray, "\(work.job.name) has runs \(busy) under way at once")
        let open = cron.runs.filter { !$0.state.isFinal }.map(\.number)
        world.check(
            policy.concurrency == .replace || open.count < 2, .jobAstray,
            "\(work.job.name) has runs \(open) that are not over")
    }

    private func checkAllocations(_ manager: VirtualManager) {
        var sums: [NodeID: Capacity] = [:]
        for record in manager.core.tasks.values {
            guard let attempt = record.current, attempt.state != .ended else { continue }
            sums[attempt.node, default: Capacity()].add(record.spec.resources, 1)
        }
        for node in manager.core.nodes.values {
            var sum = sums[node.id] ?? Capacity()
            sum.add(manager.core.remnants(on: node.id))
            world.check(
                sum == node.allocated, .miscounted,
                "\(node.name) has \(node.allocated) allocated; its attempts ask for \(sum)")
        }
    }

    private func check(_ record: TaskRecord, _ manager: VirtualManager) {
        let finishBy = record.spec.finishWithin.map { record.createdAt.advanced(by: $0.duration) }
        for deadline in [record.startBy, finishBy].compactMap({ $0 }) {
            world.check(
                deadline.duration(to: manager.civil) < .seconds(30) || world.now < world.troubleUntil, .stuck,
                "\(record.name) is pending, and was to start or end by \(deadline)")
        }
        if record.reason.isEmpty { world.report(.untrueReason, "\(record.name) is pending without a reason") }
        guard let due = record.notBefore else {
            overdueSince[record.id] = nil
            for node in manager.core.nodes.values where admits(node, record.spec) {
                world.report(
                    .untrueReason, "\(record.name) says '\(record.reason)', and \(node.name) has room")
            }
            return
        }
        guard due < manager.civil, world.now > world.troubleUntil else {
            overdueSince[record.id] = nil
            return
        }
        let since = overdueSince[record.id] ?? world.now
        overdueSince[record.id] = since
        // A manager that has just come up hears of back-offs with the first node that joins.
        world.check(
            world.now - since < 90 * Span.second, .untrueReason,
            "\(record.name) says '\(record.reason)', due \((world.now - since) / Span.second) s ago")
    }

    private func admits(_ node: Node, _ spec: TaskSpec) -> Bool {
        // Which ports are taken, and by whom, is checked where attempts begin.
        guard node.state == .ready, spec.ports.isEmpty,
            node.runtimes.contains(where: { $0.kind == spec.runtime && $0.isAvailable })
        else { return false }
        let labels = node.placementLabels
        guard spec.constraints.allSatisfy({ $0.holds(for: labels) }) else { return false }
        var after = node.allocated
        after.add(spec.resources, 1)
        // What is kept for a higher priority is no room.
        if let reserved = node.reserved { after.add(reserved) }
        return after.isWithin(node.capacity)
    }
}

/// Whether what a pending task says of nodes is so.
struct ReasonCheck {
    let record: TaskRecord
    let manager: VirtualManager

    func check(_ world: World) {
        let reason = record.reason
        let nodes = manager.core.nodes.values.sorted { $0.id < $1.id }
        if reason == "waiting for a node to join" {
            world.check(
                nodes.isEmpty, .untrueReason, "\(record.name) says '\(reason)' with \(nodes.count) nodes")
        }
        guard reason.hasPrefix("waiting for room: "), record.notBefore == nil, nodes.count <= 3 else {
            return
        }
        for node in nodes {
            for state in Node.State.allCases where reason.contains("\(node.name) is \(state.rawValue)") {
                // A node that is drained was draining before.
                let isSo = node.state == state || state == .draining && node.state == .drained
                world.check(
                    isSo, .untrueReason, "\(record.name) says '\(reason)', and \(node.name) is \(node.state)")
            }
        }
    }
}
