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
        let before = state.withLock { state in
            defer { state.session = mailbox }
            return state.session
        }
        before?.close()
        return mailbox
    }

    /// Whether nothing has taken the session's place.
    func isCurrent(_ session: Mailbox<NodeReport>) -> Bool {
        state.withLock { $0.session === session } && !session.isClosed
    }

    func end(_ session: Mailbox<NodeReport>) {
        state.withLock { if $0.session === session { $0.session = nil } }
        session.close()
    }
}
