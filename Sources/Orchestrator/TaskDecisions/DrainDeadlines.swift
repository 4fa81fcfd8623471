public import ClusterModel
public import Core

/// Until when nodes are to be drained. That is ordered, stored and shown in civil time, which may be set at any moment; it is held by
/// the clock that never jumps.
public struct DrainDeadlines: Sendable {
    private struct Deadline {
        var at: MonotonicInstant
        /// What was given for it; nil where that is not known.
        var given: Duration?
    }

    private var deadlines: [NodeID: Deadline] = [:]

    public init() {}

    /// Counts from now on what is ordered about a node, at a moment by both clocks; forgets what was ordered before.
    ///
    /// What was stored by a manager that is gone is counted anew from what is left of it by civil time: never more than was given.
    public mutating func count(
        _ orders: NodeOrders, about node: NodeID, at civil: Timestamp, _ instant: MonotonicInstant
    ) {
        deadlines[node] = nil
        guard orders.service == .drained, let by = orders.drainBy else { return }
        let given = orders.drainSince.map { max(.zero, $0.duration(to: by)) }
        var left = max(.zero, civil.duration(to: by))
        if let given { left = min(left, given) }
        // Ten years are as good as any more, and no sum of them overflows.
        left = min(left, .seconds(315_360_000))
        deadlines[node] = Deadline(at: instant.advanced(by: left), given: given)
    }

    public mutating func forget(_ node: NodeID) { deadlines[node] = nil }

    public func deadline(of node: NodeID) -> MonotonicInstant? { deadlines[node]?.at }

    fileprivate func express(
        _ orders: inout [NodeID: NodeOrders], at civil: Timestamp, _ instant: MonotonicInstant
    ) {
        for (node, deadline) in deadlines where orders[node]?.service == .drained {
            let by = civil.advanced(by: instant.duration(to: deadline.at))
            orders[node]?.drainBy = by
            orders[node]?.drainSince = deadline.given.map { by.advanced(by: .zero - $0) }
        }
    }
}

extension TaskCore {
    /// Says the deadlines of drains as civil time tells them now. Before whatever goes by them.
    public mutating func express(
        _ deadlines: DrainDeadlines, at civil: Timestamp, _ instant: MonotonicInstant
    ) { deadlines.express(&orders, at: civil, instant) }
}
