import ClusterModel
import Core

// How attempts that are probed do, and what becomes of those that do not do their work.
extension TaskCore {
    /// Takes in what probes have found; an unhealthy attempt is ended, and the restart policy decides.
    mutating func judge(
        _ record: inout TaskRecord, _ state: Health.State, _ reason: String, at now: Timestamp,
        _ decision: inout Decision
    ) {
        guard var attempt = record.current, attempt.state == .running, attempt.outcome == nil,
            record.state == .running, record.desired == .run
        else { return }
        let since = attempt.health.flatMap { $0.state == state ? $0.since : nil } ?? now
        let health = Health(state: state, reason: reason, since: since)
        guard attempt.health != health else { return }
        attempt.health = health
        record.attempts[record.attempts.count - 1] = attempt
        if state == .unhealthy {
            record.state = .stopping
            record.reason = "unhealthy: \(reason)"
            decision.directives.append(
                .stop(place(of: attempt, record), grace: record.spec.stopGrace.duration))
        }
        store(record, &decision)
    }

    /// Has an attempt that runs probed, from what is known of it on; nil for one without a check.
    func probing(_ attempt: Attempt, of record: TaskRecord) -> Directive? {
        guard record.state == .running, attempt.outcome == nil, let check = record.spec.health else {
            return nil
        }
        return .probe(
            ProbeOrder(
                place: place(of: attempt, record), check: check, ports: attempt.ports,
                known: attempt.health?.state ?? .starting))
    }
}
