import ClusterModel
import Core

// Draining: what runs on a node is stopped, so that it is started elsewhere.
extension TaskCore {
    /// Stops what runs on the node; what is still there at the deadline of the order is killed.
    mutating func drain(_ id: NodeID, _ grace: Duration?, _ decision: inout Decision) {
        let name = nodes[id]?.name ?? id.text
        for var record in stranded(on: id) where record.desired == .run {
            guard var attempt = record.current, attempt.outcome == nil else { continue }
            let isUnclear = record.notBefore != nil
            attempt.outcome = .drained
            places.markLeaving(attempt.id)
            record.attempts[record.attempts.count - 1] = attempt
            record.state = .stopping
            record.reason = "moving: its node '\(name)' is drained"
            record.notBefore = nil
            store(record, &decision)
            decision.directives.append(halt(attempt, of: record, isUnclear: isUnclear, grace))
        }
        guard let deadline = orders(of: id).drainBy else { return }
        for record in stranded(on: id) where record.current?.outcome == .drained {
            decision.directives.append(.wake(record.id, at: deadline))
        }
    }

    /// Kills an attempt that is drained and should be gone by now; false where it is none or has time left.
    func expireDrain(_ record: TaskRecord, at now: Timestamp, _ decision: inout Decision) -> Bool {
        guard record.state == .stopping, let attempt = record.current, attempt.outcome == .drained,
            attempt.state != .ended, let deadline = orders(of: attempt.node).drainBy
        else { return false }
        guard deadline <= now else {
            // Civil time may have been set back since the wake was ordered.
            decision.directives.append(.wake(record.id, at: deadline))
            return true
        }
        decision.directives.append(.stop(place(of: attempt, record), grace: .zero))
        return true
    }
}
