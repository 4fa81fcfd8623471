public import ClusterModel
public import Discovery
import Synchronization

/// What a worker has been told of services.
///
/// It is kept while the manager is away: what was known then is the best there is.
public final class ServiceMirror: Sendable {
    private struct State {
        var table: ServiceTable?
        /// What is to take its place, as far as it has come.
        var coming: ServiceTable?
    }

    private let state = Mutex(State())

    public init() {}

    /// Nil until all of it was told once.
    public var table: ServiceTable? { state.withLock { $0.table } }

    public func apply(_ update: ServiceUpdate) {
        state.withLock { state in
            var table = update.isWhole ? ServiceTable() : state.coming ?? state.table ?? ServiceTable()
            table.apply(update)
            state.coming = update.continues ? table : nil
            if !update.continues { state.table = table }
        }
    }
}
