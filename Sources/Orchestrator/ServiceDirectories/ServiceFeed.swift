public import ClusterModel
import Concurrency
import Discovery
import Synchronization

/// What changes of services, for one reader. What it has not read yet is put together, so that a slow one gets less of it, and no
/// more waits than there are endpoints.
public final class ServiceFeed: Sendable {
    private struct Pending {
        var isWhole = false
        /// Nil for one that is gone.
        var endpoints: [TaskID: ServiceEndpoint?] = [:]
    }

    private let pending = Mutex(Pending())
    private let signal = Mailbox<Void>("services", capacity: 1)
    /// Nil for all of them.
    let service: ServiceName?

    init(_ service: ServiceName?, _ endpoints: [ServiceEndpoint]) {
        self.service = service
        pending.withLock { pending in
            pending.isWhole = true
            for endpoint in endpoints { pending.endpoints[endpoint.id] = endpoint }
        }
        _ = signal.send(())
    }

    func add(_ update: ServiceUpdate) {
        pending.withLock { pending in
            for task in update.removed {
                if pending.isWhole {
                    pending.endpoints[task] = nil
                } else {
                    pending.endpoints.updateValue(nil, forKey: task)
                }
            }
            for endpoint in update.changed { pending.endpoints.updateValue(endpoint, forKey: endpoint.id) }
        }
        _ = signal.send(())  // A full mailbox says so already.
    }

    /// What changed since the last time; the first time all there is. Throws `CancellationError` when cancelled.
    public func next() async throws -> ServiceUpdate {
        while true {
            _ = try await signal.nextBatch()
            try Task.checkCancellation()
            let taken = pending.withLock { pending in
                defer { pending = Pending() }
                return pending
            }
            let update = ServiceUpdate(
                isWhole: taken.isWhole,
                changed: taken.endpoints.values.compactMap { $0 }.sorted { $0.id < $1.id },
                removed: taken.endpoints.filter { $0.value == nil }.keys.sorted())
            if !update.isEmpty { return update }
        }
    }
}
