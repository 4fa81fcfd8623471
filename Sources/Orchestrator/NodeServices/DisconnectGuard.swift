public import ClusterModel
import Concurrency
public import Core
public import Leases
import Synchronization
public import TaskDecisions
import TaskRuntimes
public import Workers

/// Stops what may not run on while the worker is cut off, and tells the manager afterwards that it was the cut.
public final class DisconnectGuard: Sendable {
    private let table: Mutex<DisconnectTable>
    private let environment: Environment
    private let node: NodeID
    private let save: @Sendable ([DisconnectTable.Entry]) throws -> Void
    private let stop: @Sendable (Directive) -> Void
    private let note: @Sendable (String) -> Void
    /// Says that there is something to stop, where there was nothing.
    private let changes = Mailbox<Void>("attempts to guard", capacity: 1)

    private static let reason = "stopped: its worker was cut off from the manager"

    /// - Parameters:
    ///   - entries: what was kept over a restart.
    ///   - save: keeps entries over the next.
    ///   - stop: carries a directive out.
    public init(
        node: NodeID, entries: [DisconnectTable.Entry], environment: Environment,
        save: @escaping @Sendable ([DisconnectTable.Entry]) throws -> Void,
        stop: @escaping @Sendable (Directive) -> Void, note: @escaping @Sendable (String) -> Void
    ) {
        self.node = node
        self.environment = environment
        self.save = save
        self.stop = stop
        self.note = note
        table = Mutex(DisconnectTable(entries, at: environment.clock.now))
    }

    /// Changes the table and keeps it; why that failed, where it did.
    @discardableResult
    private func change(_ body: (inout DisconnectTable) -> Bool) -> (any Error)? {
        let failure = table.withLock { table -> (any Error)? in
            guard body(&table) else { return nil }
            do {
                try save(table.entries.values.sorted { $0.attempt < $1.attempt })
                return nil
            } catch {
                note("what has to be stopped after a cut cannot be kept over a restart: \(error)")
                return error
            }
        }
        _ = changes.send(())  // A full mailbox says so already.
        return failure
    }

    /// The manager has granted the lease, counted from when it was asked.
    public func granted(until: MonotonicInstant) { table.withLock { $0.granted(until: until) } }

    /// A manager's hello was heard at this time. What it orders in the session proves that it heard the answer, and has counted on this
    /// worker since.
    func proven(by hello: MonotonicInstant, lease: Duration) { granted(until: hello.advanced(by: lease)) }

    var now: MonotonicInstant { environment.clock.now }

    /// What to do about an order.
    enum Admission {
        case perform(Directive)
        /// What to tell in its place.
        case report(NodeReport)
    }

    /// Looks at an order before it is carried out. What this worker could not stop after a restart is not started; what it has stopped
    /// for a cut is not started again, but stopped, so that its end is told once it has come.
    func admit(_ directive: Directive) -> Admission {
        switch directive {
        case .launch(let launch, _):
            if let entry = table.withLock({ $0.stopped(launch.attempt) }) {
                let place = AttemptPlace(
                    task: entry.task, attempt: entry.attempt, node: node, runtime: entry.runtime)
                return .perform(.stop(place, grace: entry.grace.duration))
            }
            guard let failure = change({ $0.started(launch) }) else { break }
            table.withLock { _ = $0.removed(launch.attempt) }
            let reason = "its worker cannot note that it has to be stopped after a cut: \(failure)"
            return .report(
                .attempt(.startFailed(reason: reason, retry: true), launch.attempt, launch.task))
        case .remove(let place), .discard(let place): change { $0.removed(place.attempt) }
        case .cancelLaunch, .watch, .probe, .stop, .wake: break
        }
        return .perform(directive)
    }

    /// A report, with the end of what was stopped for the cut told as that.
    public func adjusted(_ report: NodeReport) -> NodeReport {
        guard case .attempt(.exited(_, let time, _), let attempt, let task) = report else { return report }
        if table.withLock({ $0.wasStopped(attempt) }) {
            return .attempt(.exited(code: nil, at: time, reason: Self.reason), attempt, task)
        }
        change { $0.ended(attempt) }
        return report
    }

    func adjusted(_ found: [RuntimeKind: [FoundAttempt]]) -> [RuntimeKind: [FoundAttempt]] {
        let table = table.withLock { $0 }
        return found.mapValues { attempts in
            attempts.map { attempt in
                guard let exit = attempt.exit, table.wasStopped(attempt.attempt) else { return attempt }
                var adjusted = attempt
                adjusted.exit = .init(code: nil, endedAt: exit.endedAt, reason: Self.reason)
                return adjusted
            }
        }
    }

    /// Watches the clock until cancelled.
    public func run() async {
        while !Task.isCancelled {
            let now = environment.clock.now
            let (due, next) = table.withLock { ($0.due(at: now), $0.nextDeadline) }
            if !due.isEmpty { change { _ in true } }
            for entry in due {
                note("attempt \(entry.attempt) is stopped: this worker is cut off from the manager")
                let place = AttemptPlace(
                    task: entry.task, attempt: entry.attempt, node: node, runtime: entry.runtime)
                stop(.cancelLaunch(place))
                stop(.stop(place, grace: entry.grace.duration))
            }
            do {
                // Grants only move deadlines back: whoever waits for one looks again when it has come.
                if let next {
                    try await sleep(until: next)
                } else {
                    _ = try await changes.nextBatch()
                }
            } catch {
                return  // Cancelled: the worker ends.
            }
        }
    }

    /// Returns at `deadline`, or earlier where there is something new to stop.
    private func sleep(until deadline: MonotonicInstant) async throws {
        let (clock, changes) = (environment.clock, changes)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await clock.sleep(until: deadline) }
            group.addTask { _ = try await changes.nextBatch() }
            try await group.next()
            group.cancelAll()
        }
    }
}
