public import ClusterModel
public import Core

/// Why the core refuses an order about a node.
public enum NodeRefusal: Error, Hashable, Sendable {
    case unknown
    /// It is still there.
    case connected(name: String)
}

// What people order about nodes.
extension TaskCore {
    /// Takes over a node that was known before, and has not come back yet; before any joins. It is lost once it is said to be
    /// (``lose(_:because:at:)``).
    public mutating func restore(_ node: Node, orders given: NodeOrders) {
        var node = node
        node.state = .disconnected
        node.reason = "has not come back since the manager started"
        node.allocated = Capacity()
        node.reserved = nil
        orders[node.id] = given
        ownLabels[node.id] = node.labels
        node.labels = given.labels(of: node.labels)
        for record in stranded(on: node.id) { node.allocate(record.spec.resources) }
        nodes[node.id] = node
        places.offer(node)
    }

    /// The node as it was said, without what people have ordered: what is stored beside the orders.
    public func description(of id: NodeID) -> Node? {
        guard var node = nodes[id] else { return nil }
        node.labels = ownLabels[id] ?? node.labels
        return node
    }

    public func orders(of id: NodeID) -> NodeOrders { orders[id] ?? NodeOrders() }

    /// Obeys what is said about a node from now on. Draining stops what it runs, for `grace` or each task's own, and starts it
    /// elsewhere.
    public mutating func obey(
        _ given: NodeOrders, about id: NodeID, grace: Duration? = nil, at now: Timestamp
    ) throws(NodeRefusal) -> Decision {
        guard let node = nodes[id] else { throw .unknown }
        orders[id] = given
        nodes[id]!.labels = given.labels(of: ownLabels[id] ?? node.labels)
        settleState(of: id)
        offer(id)
        var decision = Decision()
        if given.service == .drained { drain(id, grace, &decision) }
        placeWaiting(at: now, &decision)
        return decision
    }

    /// Forgets a node that is gone. What it ran is placed elsewhere now: whoever orders this knows that it runs no more.
    public mutating func forget(_ id: NodeID, at now: Timestamp) throws(NodeRefusal) -> Decision {
        guard let node = nodes[id] else { throw .unknown }
        guard node.state.isAbsent else { throw .connected(name: node.name) }
        var decision = replace(id, lostFor: .seconds(Int64.max / 1_000_000_000), at: now)
        releaseRemnants(on: id)
        nodes[id] = nil
        orders[id] = nil
        ownLabels[id] = nil
        settled[id] = nil
        tasksOn[id] = nil
        busyPorts[id] = nil
        places.remove(id)
        for volume in volumeTable.forget(id, at: now) { placeUsers(of: volume, at: now, &decision) }
        placeWaiting(at: now, &decision)
        return decision
    }

    /// The state of a node that is connected: what was ordered, and how far that is.
    mutating func settleState(of id: NodeID) {
        // Where it stands: a node is moved about for each attempt that begins or ends there, and is large.
        guard let place = nodes.index(forKey: id), !nodes.values[place].state.isAbsent else { return }
        nodes.values[place].settleState(orders[id]?.service ?? .open)
    }
}

extension Node {
    fileprivate mutating func settleState(_ service: NodeOrders.Service) {
        switch service {
        case .open: (state, reason) = (.ready, nil)
        case .cordoned: (state, reason) = (.cordoned, "takes no new tasks, as ordered")
        case .drained:
            let rest = allocated.tasks
            state = rest == 0 ? .drained : .draining
            reason = rest == 0 ? "takes no tasks, as ordered" : "\(rest) of its tasks are still to end"
        }
    }
}
