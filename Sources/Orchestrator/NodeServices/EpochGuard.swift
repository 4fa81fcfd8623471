import RPCModel
import Synchronization

/// Refuses the orders of managers that no longer lead: a manager that was only paused does not know that another took over.
public final class EpochGuard: Sendable {
    private let highest: Mutex<Int64>
    private let remember: @Sendable (Int64) throws -> Void

    /// - Parameters:
    ///   - highest: the highest epoch that was seen before this start.
    ///   - remember: keeps a higher one over the next start, before it is obeyed.
    public init(highest: Int64, remember: @escaping @Sendable (Int64) throws -> Void) {
        self.highest = Mutex(highest)
        self.remember = remember
    }

    /// Throws unless `epoch` is the highest so far; a higher one becomes it.
    public func check(_ epoch: Int64) throws {
        try highest.withLock { highest in
            guard epoch >= highest else {
                throw RPCError(
                    .failedPrecondition,
                    "a manager of epoch \(epoch) gives no orders here: one of epoch \(highest) leads",
                    hint: "this manager was replaced; it can be stopped")
            }
            guard epoch > highest else { return }
            try remember(epoch)
            highest = epoch
        }
    }

    public var current: Int64 { highest.withLock { $0 } }
}
