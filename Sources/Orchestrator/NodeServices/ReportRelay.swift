import Concurrency
import Synchronization
public import Workers

/// Where a worker's reports go: to the session there is, or nowhere. Who was not told finds out when the next session begins, by
/// looking at what the machine has.
public final class ReportRelay: Sendable {
    private struct State {
        var session: Mailbox<NodeReport>?
    }

    private let state = Mutex(State())
    /// Held while an order is carried out, so that none of a session is once the next has begun: a manager that was replaced may
    /// still talk.
    private let orders = Mutex<Void>(())
    private let note: @Sendable (String) -> Void
    /// As many as attempts may change at once; a manager that is slower than that begins anew.
    private static let capacity = 1 << 17

    /// - Parameter note: for the worker's own log: problems, also those that nobody else hears of.
    public init(note: @escaping @Sendable (String) -> Void) { self.note = note }

    /// From any thread; never blocks.
    public func report(_ report: NodeReport) {
        if case .problem(let text) = report { note(text) }
        guard let session = state.withLock({ $0.session }) else { return }
        // What does not fit ends the session: a report that is missing must not go unnoticed.
        if !session.send(report) { session.close() }
    }

    /// Begins a session, and ends the one before.
    func begin() -> Mailbox<NodeReport> {
        let mailbox = Mailbox<NodeReport>("reports to the manager", capacity: Self.capacity)
        let before = orders.withLock { _ in
            state.withLock { state in
                defer { state.session = mailbox }
                return state.session
            }
        }
        before?.close()
        return mailbox
    }

    /// Carries an order of `session` out, unless something has taken the session's place.
    func obey(_ session: Mailbox<NodeReport>, _ order: () -> Void) {
        orders.withLock { _ in
            guard state.withLock({ $0.session === session }), !session.isClosed else { return }
            order()
        }
    }

    /// Ends a session; true unless another has taken its place.
    func end(_ session: Mailbox<NodeReport>) -> Bool {
        session.close()
        return state.withLock { state in
            guard state.session === session else { return false }
            state.session = nil
            return true
        }
    }
}
