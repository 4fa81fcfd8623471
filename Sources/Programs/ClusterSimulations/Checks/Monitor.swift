import ClusterModel
import Core
import JobDecisions
import JobModel
import Scheduling
import TaskDecisions

/// Looks at the whole from time to time, beside what is checked with every step.
final class Monitor {
    private unowned(unsafe) let world: World
    /// Since when tasks wait whose deadline has passed.
    private var lateSince: [TaskID: Int64] = [:]
    private var overdueSince: [TaskID: (due: Timestamp, since: Int64)] = [:]
    private var lateDrains: [NodeID: Int64] = [:]
    private var watched: Int64 = 0
    private var looks = 0
    private var known: [NodeID: (node: Node, labels: [String: String])] = [:]

    init(_ world: World) { self.world = world }

    func begin() {
        world.after(world.random.number(10 * Span.second...50 * Span.second)) { [self] in
            look()
            begin()
        }
    }

    func look() {
        looks += 1
        // What is deleted or acknowledged is checked when that happens; this is to catch what is neither.
        if looks % 10 == 0 { checkOwed() }
        guard let manager = world.leader, manager.works, manager.isOpen else { return }
        if watched != manager.epoch {
            watched = manager.epoch
            (overdueSince, lateSince) = ([:], [:])
            lateDrains = [:]
        }
        var taken: [NodeID: Capacity] = [:]
        var pending: [TaskRecord] = []
        for record in manager.core.tasks.values {
            if let node = record.occupiedNode {
                taken[node, default: Capacity()].add(record.spec.resources, 1)
            }
            if record.state == .pending { pending.append(record) }
            if record.state == .running { checkTimeout(of: record) }
        }
        checkAllocations(manager, taken)
        checkDrains(manager)
        for work in manager.jobs.works.values { checkRuns(of: work) }
        pending.sort { $0.id < $1.id }
        check(pending, manager)
        // Of more, reasons are renewed only for those who look.
        if !pending.isEmpty, pending.count < 60 {
            let record = world.random.pick(pending)
            ReasonCheck(record: record, manager: manager).check(world)
        }
    }

    /// Goes through all there is: nothing that was acknowledged is missing, and no key has two tasks.
    func checkOwed() {
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

    /// What a node that is drained still runs at the deadline is killed, however often civil time was set meanwhile.
    private func checkDrains(_ manager: VirtualManager) {
        for node in manager.core.nodes.values {
            guard node.state == .draining, let deadline = manager.drains.deadline(of: node.id),
                deadline < manager.instant, world.machine(node.id).isQuiet, world.now > world.troubleUntil
            else {
                lateDrains[node.id] = nil
                continue
            }
            let since = lateDrains[node.id] ?? world.now
            lateDrains[node.id] = since
            world.check(
                world.now - since < 60 * Span.second, .runsOn,
                "on \(node.name), which was to be drained for \(deadline.duration(to: manager.instant).short): \(node.reason ?? "")"
            )
        }
    }

    /// Nothing runs much longer than it may, whatever the clocks do.
    private func checkTimeout(of record: TaskRecord) {
        guard world.now > world.troubleUntil, let limit = record.spec.timeout, let attempt = record.current
        else { return }
        let machine = world.machine(attempt.node)
        guard machine.isQuiet, let runner = machine.runners[attempt.id], runner.isLive else { return }
        let ran = Duration.microseconds(world.now - runner.begunAt)
        world.check(
            ran < limit.duration + .seconds(240), .runsOn,
            "\(record.name), which may run for \(limit.duration.short), for \(ran.short)")
    }

    /// - Parameter taken: what the attempts on each node ask for.
    private func checkAllocations(_ manager: VirtualManager, _ taken: [NodeID: Capacity]) {
        for node in manager.core.nodes.values {
            var sum = taken[node.id] ?? Capacity()
            sum.add(lent(&manager.core) { $0.remnants(on: node.id) })
            world.check(
                sum == node.allocated, .miscounted,
                "\(node.name) has \(node.allocated) allocated; its attempts ask for \(sum)")
        }
    }

    /// A deadline is counted off by a clock that is never set: after a civil one was set forward it takes as long as was asked for.
    private func checkDeadline(of record: TaskRecord, _ manager: VirtualManager) {
        let finishBy = record.spec.finishWithin.map { record.createdAt.advanced(by: $0.duration) }
        guard let deadline = [record.startBy, finishBy].compactMap(\.self).min(), deadline < manager.civil,
            world.now > world.troubleUntil
        else {
            lateSince[record.id] = nil
            return
        }
        let since = lateSince[record.id] ?? world.now
        lateSince[record.id] = since
        let longest =
            [record.spec.startWithin, record.spec.finishWithin].compactMap { $0?.duration }.max() ?? .zero
        world.check(
            world.now - since < (longest + .seconds(60)).inMicroseconds, .stuck,
            "\(record.name) is pending, and was to start or end by \(deadline)")
    }

    private func check(_ pending: [TaskRecord], _ manager: VirtualManager) {
        // Who waits for a time to come is not looked at beside the nodes.
        let nodes = pending.contains { $0.notBefore == nil } ? Array(manager.core.nodes.values) : []
        let open = nodes.filter { $0.state == .ready }.map { (node: $0, labels: labels(of: $0)) }
        for record in pending { check(record, manager, open) }
    }

    /// What its placement goes by: as found before, where nothing that it is made of has changed since.
    private func labels(of node: Node) -> [String: String] {
        if let (known, labels) = known[node.id], known.labels == node.labels, known.runtimes == node.runtimes
        {
            return labels
        }
        let labels = node.placementLabels
        known[node.id] = (node, labels)
        return labels
    }

    private func check(
        _ record: TaskRecord, _ manager: VirtualManager, _ open: [(node: Node, labels: [String: String])]
    ) {
        checkDeadline(of: record, manager)
        if record.reason.isEmpty { world.report(.untrueReason, "\(record.name) is pending without a reason") }
        guard let due = record.notBefore else {
            overdueSince[record.id] = nil
            for (node, labels) in open where admits(node, labels, record.spec) {
                world.report(
                    .untrueReason, "\(record.name) says '\(record.reason)', and \(node.name) has room")
            }
            return
        }
        guard world.now > world.troubleUntil, overdueSince[record.id]?.due == due else {
            overdueSince[record.id] = (due, world.now)
            return
        }
        // No wait is longer than the policy's longest, whatever the clocks do. A manager that has just come up hears of back-offs with
        // the first node that joins.
        let waited = Duration.microseconds(world.now - overdueSince[record.id]!.since)
        world.check(
            waited < max(record.spec.restart.maximumWait.duration, .seconds(10)) + .seconds(90),
            .untrueReason,
            "\(record.name) says '\(record.reason)' since \(waited.short), and waits for \(due)")
    }

    /// Whether a node that takes tasks has room for one.
    private func admits(_ node: Node, _ labels: [String: String], _ spec: TaskSpec) -> Bool {
        // Which ports are taken, and by whom, is checked where attempts begin.
        guard spec.ports.isEmpty else { return false }
        var after = node.allocated
        after.add(spec.resources, 1)
        // What is kept for a higher priority is no room.
        if let reserved = node.reserved { after.add(reserved) }
        return after.isWithin(node.capacity)
            && node.runtimes.contains { $0.kind == spec.runtime && $0.isAvailable }
            && spec.constraints.allSatisfy { $0.holds(for: labels) }
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
        let said = "waiting for room: "
        guard reason.hasPrefix(said), record.notBefore == nil, nodes.count <= 3 else { return }
        // One part for each node. Bytes are looked at: to search texts for texts would take longer than all other checks.
        for part in reason.utf8.dropFirst(said.utf8.count).split(separator: UInt8(ascii: ";")) {
            let words = part.drop { $0 == UInt8(ascii: " ") }
            for node in nodes where words.starts(with: "\(node.name) is ".utf8) {
                let rest = words.dropFirst(node.name.utf8.count + 4)
                for state in Node.State.allCases where rest.starts(with: state.rawValue.utf8) {
                    // A node that is drained was draining before.
                    let isSo = node.state == state || state == .draining && node.state == .drained
                    world.check(
                        isSo, .untrueReason,
                        "\(record.name) says '\(reason)', and \(node.name) is \(node.state)")
                }
            }
        }
    }
}
