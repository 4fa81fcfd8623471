public import ClusterModel
public import Core
import Synchronization
public import TaskDecisions

// Moving tasks so that nodes are evenly full.
extension Manager {
    /// What would be moved next, and nothing is.
    public func rebalancePlan(services: [[TaskID]], limit: Int) -> [RebalanceMove] {
        // On a copy: to look at many nodes and tasks holds nobody up.
        let core = state.withLock { $0.core }
        return core.rebalancePlan(services: services, limit: limit)
    }

    /// Begins to move what is to be moved next. Returns that, and how many moves are under way.
    public func rebalance(services: [[TaskID]], limit: Int) -> (begun: [RebalanceMove], underWay: Int) {
        let moves = rebalancePlan(services: services, limit: limit)
        let now = environment.wallClock.now
        return state.withLock { state in
            let (begun, decision) = state.core.rebalance(moves, at: now)
            enqueue(OutboxEntry(decision), &state)
            return (begun, state.core.rebalancing.count)
        }
    }
}
