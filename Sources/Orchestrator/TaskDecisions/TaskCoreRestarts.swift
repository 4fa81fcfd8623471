import ClusterModel
import Core
import Scheduling

/// Where a task goes rather than elsewhere when it is started again.
enum RestartPlace: Hashable {
    case same(NodeID)
    case elsewhere(than: NodeID)
}

// Where tasks are started again: on the same node first, where images and files are; then elsewhere, for the node may be what they
// fail of. Neither keeps a task from a place that it can have.
extension TaskCore {
    /// Takes a place for a task: where it was before, or rather elsewhere, or the best there is.
    mutating func takePlace(for record: TaskRecord, _ ask: Ask, attempt: AttemptID) -> NodeID? {
        let (id, priority) = (record.id, record.spec.priority)
        switch record.restartPlace {
        case nil: break
        case .same(let node):
            guard nodes[node]?.state == .ready, let free = places.room(on: node)?.free,
                ask.amounts.fits(in: free), places.admits(ask, on: node)
            else { break }
            places.hold(attempt, on: node, for: ask, priority: priority, of: id)
            return node
        case .elsewhere(let node):
            guard nodes.count > 1, let name = nodes[node]?.name else { break }
            var other = ask
            other.constraints.append(Constraint("node.name", .isNotIn, [name]))
            if let place = places.take(for: other, priority: priority, of: id, attempt: attempt) {
                return place
            }
        }
        return places.take(for: ask, priority: priority, of: id, attempt: attempt)
    }

    /// What a task that waits for its back-off says of where it goes then; nothing where there is one node.
    func whereAgain(_ record: TaskRecord) -> String {
        guard nodes.count > 1 else { return "" }
        switch record.restartPlace {
        case nil: return ""
        case .same(let node): return nodes[node].map { " on \($0.name)" } ?? ""
        case .elsewhere(let node):
            return nodes[node].map { ", elsewhere than on \($0.name): \(record.failuresInARow) there" } ?? ""
        }
    }

    /// What a task that starts on `node` says of why it is not where it was, or is there all the same; nothing for most.
    func whyHere(_ record: TaskRecord, _ node: NodeID) -> String {
        guard nodes.count > 1, let place = record.restartPlace else { return "" }
        switch place {
        case .same(let before):
            guard before != node, let name = nodes[before]?.name else { return "" }
            return ": \(name), where it was, does not take it now"
        case .elsewhere(let before):
            guard let name = nodes[before]?.name else { return "" }
            return before == node
                ? " again after \(record.failuresInARow) there: no other node takes it now"
                : " after \(record.failuresInARow) on \(name)"
        }
    }

    /// Where the next attempt of a task would go, for whoever asks; nil where that is not known, or there is no choice.
    func nextPlace(of record: TaskRecord) -> String? {
        guard nodes.count > 1, !record.state.isFinal, record.desired == .run, let attempt = record.current,
            let name = nodes[attempt.node]?.name, record.spec.restart.mode != .never
        else { return nil }
        var record = record
        if attempt.state != .ended {
            record.attempts[record.attempts.count - 1].state = .ended
            record.attempts[record.attempts.count - 1].outcome = .failed
        }
        let limit = record.spec.restart.sameNode ?? RestartPolicy.defaultSameNode
        switch record.restartPlace {
        case nil: return nil
        case .same:
            let used = record.nodeStreak ?? 0
            return
                "after a failure on \(name) again, if that takes it (\(used) of \(limit) restarts in a row were there), else elsewhere"
        case .elsewhere:
            return
                "after a failure elsewhere than on \(name), if another node takes it: \(record.failuresInARow) there"
        }
    }
}

extension TaskRecord {
    /// Nil for a task that has not run, and for one that was moved or lost.
    var restartPlace: RestartPlace? {
        guard let last = current, last.state == .ended else { return nil }
        switch last.outcome {
        case .completed: return .same(last.node)
        case .failed:
            let limit = spec.restart.sameNode ?? RestartPolicy.defaultSameNode
            return (nodeStreak ?? 0) < limit ? .same(last.node) : .elsewhere(than: last.node)
        case .lost, .preempted, .drained, .stopped, nil: return nil
        }
    }

    /// Whether the last attempt failed on `node`.
    func hasFailed(on node: NodeID) -> Bool {
        current.map { $0.node == node && $0.outcome == .failed } ?? false
    }

    fileprivate var failuresInARow: String {
        let count = (nodeStreak ?? 0) + 1
        return count == 1 ? "1 failure" : "\(count) failures in a row"
    }
}
