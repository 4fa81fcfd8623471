public import ClusterModel
public import Core
import Scheduling

// Rebalancing: what runs on a full node is stopped, so that it is started on one with more room.
extension TaskCore {
    /// A task with this label, and the value `never`, is not moved.
    public static let rebalanceLabel = "apollo.rebalance"

    /// What would be moved next: at most so many as leave no more than `limit` under way.
    ///
    /// - Parameter services: for each service its tasks, which stand in for one another.
    public func rebalancePlan(services: [[TaskID]], limit: Int) -> [RebalanceMove] {
        var plan = RebalancePlan(self, services: services)
        return plan.moves(upTo: limit - rebalancing.count)
    }

    /// What is being moved, and has not been started on its new node.
    public var rebalancing: [TaskID] {
        targets.keys.filter { id in
            tasks[id].map { $0.desired == .run && ($0.state == .stopping || $0.state == .pending) } ?? false
        }.sorted()
    }

    /// Begins the moves that can still be made. Returns those too.
    public mutating func rebalance(
        _ moves: [RebalanceMove], at now: Timestamp
    ) -> (begun: [RebalanceMove], decision: Decision) {
        var decision = Decision()
        var begun: [RebalanceMove] = []
        targets = targets.filter { rebalancing.contains($0.key) }
        for move in moves {
            guard var record = tasks[move.task], record.state == .running, record.desired == .run,
                var attempt = record.current, attempt.node == move.source, attempt.outcome == nil,
                nodes[move.target]?.state == .ready
            else { continue }
            attempt.outcome = .drained
            places.markLeaving(attempt.id)
            record.attempts[record.attempts.count - 1] = attempt
            record.state = .stopping
            record.reason = "moving to node '\(move.to)', to rebalance: \(move.reason)"
            record.notBefore = nil
            store(record, &decision)
            targets[move.task] = move.target
            decision.directives.append(halt(attempt, of: record, isUnclear: false, nil))
            begun.append(move)
        }
        return (begun, decision)
    }

    /// Starts a task on the node that it is being moved to, where that has room still; false where it is not, or has none.
    mutating func placeMoved(_ id: TaskID, at now: Timestamp, _ decision: inout Decision) -> Bool {
        guard !targets.isEmpty, let target = targets.removeValue(forKey: id), let record = tasks[id],
            case let ask = ask(of: record),
            nodes[target]?.state == .ready, let room = places.room(on: target),
            record.spec.amounts.fits(in: room.free), places.admits(ask, on: target)
        else { return false }
        let attempt = makeAttemptID()
        leaveQueue(id)
        places.hold(attempt, on: target, for: ask, priority: record.spec.priority, of: id)
        launch(id, on: target, as: attempt, at: now, &decision)
        return true
    }
}
