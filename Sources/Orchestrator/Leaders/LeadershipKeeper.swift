public import ClusterModel
import Concurrency
public import Core
import LeaderDecisions
import Synchronization

/// Keeps a manager leading, or standing by, as ``Leadership`` decides: asks the database, watches the clock, and hands out the
/// periods in which the manager does the one or the other.
public final class LeadershipKeeper: Sendable {
    private struct State {
        var core: Leadership
        var view = LeadershipView()
        var period: LeadershipPeriod?
        var failure: ApolloError?
        var events: [Leadership.Event] = []
    }

    /// Far more than are ever heard at once.
    private static let maximumEvents = 1024

    private let store: LeadershipStore
    public let manager: NodeID
    private let lease: Duration
    private let environment: Environment
    private let version: String
    private let address: @Sendable () -> String
    private let note: @Sendable (String) -> Void
    private let state: Mutex<State>
    /// Says that there are events.
    private let changes = Mailbox<Void>("leadership", capacity: 1)
    private let periods = Mailbox<LeadershipPeriod>("leadership periods", capacity: 64)

    /// - Parameters:
    ///   - address: where this manager's API answers; empty while it does not.
    ///   - note: for the log: what went wrong that has no caller.
    public init(
        _ store: LeadershipStore, manager: NodeID, lease: Duration, environment: Environment, version: String,
        address: @escaping @Sendable () -> String, note: @escaping @Sendable (String) -> Void
    ) {
        self.store = store
        self.manager = manager
        self.lease = lease
        self.environment = environment
        self.version = version
        self.address = address
        self.note = note
        state = Mutex(State(core: Leadership(lease: lease, at: environment.clock.now)))
    }

    public var view: LeadershipView { state.withLock { $0.view } }

    /// The epoch, while this manager leads by its own clock.
    public var epoch: Int64? { state.withLock { $0.core.epoch(at: environment.clock.now) } }

    /// The next period, once the one before is over; nil when there are no more.
    public func next() async throws -> LeadershipPeriod? {
        guard let batch = try await periods.nextBatch() else {
            if let failure = state.withLock({ $0.failure }) { throw failure }
            return nil
        }
        // Standing by may be over before it began: then the last of them counts.
        return batch.last { $0.epoch != nil } ?? batch.last
    }

    /// Everything of the term has ended.
    public func ended(_ period: LeadershipPeriod) {
        if let epoch = period.epoch { tell(.ended(epoch: epoch)) }
    }

    /// What was written in the term was refused, or nobody knows what became of it. From any thread.
    public func doubt(_ epoch: Int64, _ reason: String) { tell(.doubted(epoch: epoch, reason)) }

    /// This manager answers at another address than before.
    public func moved() { tell(.changed) }

    /// This manager is asked to end: it gives the lead away.
    public func resign() { tell(.resign) }

    private func tell(_ event: Leadership.Event) {
        state.withLock { state in
            // Of doubts one is enough, and there are as many as writes.
            if case .doubted = event, state.events.count >= Self.maximumEvents { return }
            state.events.append(event)
        }
        _ = changes.send(())  // A full mailbox says so already.
    }

    /// Runs until the manager has resigned, or is cancelled.
    public func run() async {
        await withDiscardingTaskGroup { group in
            handle(.woke, &group)
            while state.withLock({ $0.core.role }) != .resigned {
                do {
                    for event in try await heard() { handle(event, &group) }
                } catch {
                    break  // Cancelled.
                }
            }
            state.withLock { $0.period }?.stop.set("this manager ends")
            periods.close()
            group.cancelAll()
        }
    }

    private func handle(_ event: Leadership.Event, _ group: inout DiscardingTaskGroup) {
        let now = environment.clock.now
        if case .failed(let reason) = event {
            let isNew = state.withLock { state in
                defer { state.view.problem = reason }
                return state.view.problem == nil
            }
            if isNew { note("who leads cannot be asked: \(reason); trying again") }
        }
        let directives = state.withLock { $0.core.handle(event, at: now) }
        for directive in directives {
            switch directive {
            case .ask(let request): group.addTask { await self.ask(request) }
            case .lead(let epoch):
                state.withLock { $0.view.terms += 1 }
                begin(LeadershipPeriod(epoch: epoch), because: "it leads now")
            case .stepDown(_, let reason):
                state.withLock { state in
                    state.view.losses += 1
                    state.view.ended = reason
                    _ = state.period?.stop.set(reason)
                }
            }
        }
        standByIfIdle(event)
    }

    /// Begins to stand by where nothing else is done, and it is known that there is nothing else to do.
    private func standByIfIdle(_ event: Leadership.Event) {
        switch event {
        case .answered, .failed, .ended: break
        case .woke, .changed, .doubted, .resign: return
        }
        let isIdle = state.withLock { state in
            state.core.role == .standby && !state.core.isResigning && (state.period?.isOver ?? true)
        }
        if isIdle { begin(LeadershipPeriod(epoch: nil), because: "") }
    }

    private func begin(_ period: LeadershipPeriod, because reason: String) {
        let before = state.withLock { state in
            defer { state.period = period }
            return state.period
        }
        before?.stop.set(reason)
        // Whoever takes no more of them than this has long stopped.
        if !periods.send(period) { note("a change of who leads is not followed") }
    }

    private func ask(_ request: Leadership.Request) async {
        let askedAt = environment.clock.now
        do {
            let sight = try await store.ask(
                request, as: manager, address: address(), version: version, lease: lease)
            state.withLock { state in
                state.view.row = sight.row
                state.view.now = sight.now
                state.view.managers = sight.managers
                state.view.problem = nil
                state.view.ended = nil
            }
            tell(.answered(sight.answer, askedAt: askedAt))
        } catch let error as ApolloError where error.kind == .conflict {
            // Taken out of the platform: there is nothing to wait for.
            state.withLock { $0.failure = error }
            tell(.failed(error.message))
            tell(.resign)
        } catch {
            tell(.failed("\(error)"))
        }
    }

    /// What happened, or that time has passed.
    private func heard() async throws -> [Leadership.Event] {
        let wake = state.withLock { $0.core.wakeAt }
        let (clock, changes) = (environment.clock, changes)
        try await withThrowingTaskGroup(of: Void.self) { group in
            if let wake { group.addTask { try await clock.sleep(until: wake) } }
            group.addTask { _ = try await changes.nextBatch() }
            try await group.next()
            group.cancelAll()
        }
        return state.withLock { state in
            defer { state.events = [] }
            return state.events + [.woke]
        }
    }
}
