public import ClusterModel
public import Core
import Synchronization
import TaskDecisions

// Nodes that come and go.
extension Manager {
    /// The connection to a node is gone. Directives for it wait until it joins again.
    public func leave(_ node: NodeID, because reason: String) {
        change(node) { core, now in core.disconnect(node, because: reason, at: now) }
    }

    /// A node is lost. Returns after which delays to call ``replace(_:lostFor:)`` unless it joins again.
    public func lose(_ node: NodeID, because reason: String) -> [Duration] {
        var delays: [Duration] = []
        change(node) { core, now in
            let (decision, found) = core.lose(node, because: reason, at: now)
            delays = found
            return decision
        }
        return delays
    }

    /// Places elsewhere what a lost node ran, as far as it may wait no longer than `delay`.
    public func replace(_ node: NodeID, lostFor delay: Duration) {
        change(node) { core, now in core.replace(node, lostFor: delay, at: now) }
    }

    /// The nodes that stored tasks are on, as far as anybody knows.
    public var occupiedNodes: Set<NodeID> { state.withLock { $0.core.occupiedNodes } }

    private func change(_ node: NodeID, _ decide: (inout TaskCore, Timestamp) -> Decision) {
        let now = environment.wallClock.now
        let changed = state.withLock { state -> Node? in
            let before = state.core.nodes[node]
            let decision = decide(&state.core, now)
            // What has not joined has no connection either.
            if state.core.nodes[node]?.state != .ready { state.connections[node] = nil }
            enqueue(OutboxEntry(decision), &state)
            return state.core.nodes[node].flatMap { $0 == before ? nil : $0 }
        }
        if let changed { announce(changed) }
    }
}
