public import ClusterModel
public import Core

// Nodes that are lost, and what becomes of what they run.
extension TaskCore {
    /// The time that a worker takes at most to end what it stops, beyond the task's own grace, and that two clocks may differ by over
    /// the longest waits.
    private static let stopMargin = Duration.seconds(5)

    /// How long after the loss of its node a task is placed elsewhere. One that must never run twice waits until its worker, which
    /// has lost its lease no later, has stopped it.
    public func replacementDelay(_ spec: TaskSpec) -> Duration {
        switch spec.onDisconnect {
        case .keep: limits.lossGrace
        case .stopAfter: spec.stopAfter.duration + spec.stopGrace.duration + Self.stopMargin
        }
    }

    /// The nodes that are known, and those that stored tasks are on, as far as anybody knows.
    public var knownNodes: Set<NodeID> {
        Set(tasks.values.lazy.compactMap(\.current).filter { $0.state != .ended }.map(\.node)).union(
            nodes.keys)
    }

    /// The node is lost: it gave no sign of life for the lease, or has not come back since the manager started. What it runs waits
    /// for it; returns after which delays to call ``replace(_:lostFor:at:)``.
    public mutating func lose(
        _ id: NodeID, because reason: String, at now: Timestamp
    ) -> (Decision, delays: [Duration]) {
        var decision = setAbsent(id, as: .lost, because: reason, at: now)
        var delays: Set<Duration> = []
        let name = nodes[id]?.name
        for var record in stranded(on: id) {
            let delay = replacementDelay(record.spec)
            delays.insert(delay)
            if strandedReasons[record.id] == nil { strandedReasons[record.id] = record.reason }
            record.reason =
                "its node \(name.map { "'\($0)'" } ?? id.text) is lost (\(reason)); it is given up after \(delay.short) unless the node comes back"
            store(record, &decision)
        }
        return (decision, delays.sorted())
    }

    /// Gives up what a lost node runs and what may wait no longer than `delay`: it is placed elsewhere. Should the node come back,
    /// what it still has of it is ended.
    public mutating func replace(
        _ id: NodeID, lostFor delay: Duration, at now: Timestamp
    ) -> Decision {
        if let node = nodes[id], node.state != .lost { return Decision() }
        var decision = Decision()
        let name = nodes[id].map { "'\($0.name)'" } ?? id.text
        for record in stranded(on: id) where replacementDelay(record.spec) <= delay {
            strandedReasons[record.id] = nil
            guard let attempt = record.current else { continue }
            decision += observe(
                .exited(code: nil, at: now, reason: "lost with its node \(name)"), of: attempt.id,
                task: record.id, at: now)
            // Should the node come back, it is still there, until it is stopped.
            keepRemnant(attempt.id, on: id, of: record, isStarting: attempt.state == .starting)
        }
        return decision
    }

    /// Tasks whose attempts are on the node as far as anybody knows, in order.
    func stranded(on id: NodeID) -> [TaskRecord] {
        (tasksOn[id] ?? []).compactMap { tasks[$0] }.sorted { $0.id < $1.id }
    }

    /// A task whose node is back goes on as before.
    mutating func relieve(_ id: TaskID, _ decision: inout Decision) {
        guard let reason = strandedReasons.removeValue(forKey: id), var record = tasks[id],
            !record.state.isFinal, record.state != .pending
        else { return }
        record.reason = reason
        store(record, &decision)
    }
}
