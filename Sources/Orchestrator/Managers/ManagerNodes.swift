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

    /// The node of this name or identifier.
    public func node(_ handle: String) throws -> Node {
        guard let node = nodes().first(where: { $0.name == handle || $0.id.text == handle }) else {
            throw ApolloError(.notFound, "no node '\(handle)'", hint: "'apollo node ls' lists them")
        }
        return node
    }

    /// Changes what is ordered about a node, and returns once that is stored. Draining gives tasks `grace` to end, or each its own.
    public func order(
        _ handle: String, grace: Duration? = nil, _ change: (inout NodeOrders) -> Void
    ) async throws -> Node {
        let id = try node(handle).id
        let (civil, instant) = (environment.wallClock.now, environment.clock.now)
        var orders = state.withLock { state in
            state.core.express(state.drains, at: civil, instant)
            return state.core.orders(of: id)
        }
        change(&orders)
        if let described = state.withLock({ $0.core.description(of: id) }) {
            try await nodeStore?.save(StoredNode(node: described, orders: orders))
        }
        state.withLock { $0.drains.count(orders, about: id, at: civil, instant) }
        try refusing {
            try decide(id) { core, now throws(NodeRefusal) in
                try core.obey(orders, about: id, grace: grace, at: now)
            }
        }
        return try node(handle)
    }

    /// Moves what a node runs elsewhere; what is still there after `deadline` is killed.
    public func drain(_ handle: String, grace: Duration?, deadline: Duration?) async throws -> Node {
        let now = environment.wallClock.now
        return try await order(handle, grace: grace) {
            $0.service = .drained
            ($0.drainBy, $0.drainSince) = (deadline.map { now.advanced(by: $0) }, now)
        }
    }

    /// Forgets a node that is lost. What it ran is placed elsewhere now.
    public func forget(_ handle: String) async throws {
        let id = try node(handle).id
        try refusing {
            try decide(id) { core, now throws(NodeRefusal) in try core.forget(id, at: now) }
        }
        state.withLock { state in
            (state.metrics[id], state.metricsProblems[id]) = (nil, nil)
            state.drains.forget(id)
        }
        try await nodeStore?.remove(id)
    }

    /// Takes in what a machine is busy with.
    public func observe(_ metrics: NodeMetrics, of node: NodeID) {
        state.withLock { ($0.metrics[node], $0.metricsProblems[node]) = (metrics, nil) }
    }

    /// Takes in why a machine did not say what it is busy with.
    public func observe(metricsProblem problem: String, of node: NodeID) {
        state.withLock { state in
            // One that was forgotten meanwhile stays so.
            if state.core.nodes[node] != nil { state.metricsProblems[node] = problem }
        }
    }

    /// Stores a node as it is described now, so that it is known over a restart.
    func keep(_ id: NodeID) async {
        guard let nodeStore else { return }
        let kept = state.withLock { state in
            state.core.description(of: id).map { StoredNode(node: $0, orders: state.core.orders(of: id)) }
        }
        guard let kept else { return }
        do {
            try await nodeStore.save(kept)
        } catch {
            note("node '\(kept.node.name)' cannot be stored, and is not known after a restart: \(error)")
        }
    }

    private func refusing(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch NodeRefusal.connected(let name) {
            throw ApolloError(
                .conflict, "node '\(name)' is still there",
                hint: "stop its worker first; 'apollo node drain \(name)' moves its tasks")
        } catch NodeRefusal.unknown {
            throw ApolloError(.notFound, "no such node", hint: "'apollo node ls' lists them")
        }
    }

    /// The nodes that are known, and those that stored tasks are on, as far as anybody knows.
    public var knownNodes: Set<NodeID> { state.withLock { $0.core.knownNodes } }

    func change(_ node: NodeID, _ change: (inout TaskCore, Timestamp) -> Decision) {
        decide(node) { core, now throws(Never) in change(&core, now) }
    }

    private func decide<Failure: Error>(
        _ node: NodeID, _ decide: (inout TaskCore, Timestamp) throws(Failure) -> Decision
    ) throws(Failure) {
        let now = environment.wallClock.now
        let changed = try state.withLock { state throws(Failure) -> Node? in
            let before = state.core.nodes[node]
            let decision = try decide(&state.core, now)
            // What has not joined has no connection either.
            if state.core.nodes[node].map({ $0.state.isAbsent }) ?? true { state.connections[node] = nil }
            enqueue(OutboxEntry(decision), &state)
            return state.core.nodes[node].flatMap { $0 == before ? nil : $0 }
        }
        if let changed { announce(changed) }
    }
}
