import ClusterModel
import Concurrency
import Core
import Synchronization
import TaskDecisions
import TaskRuntimes
import Workers

/// A decision on its way to the store and to the nodes.
struct OutboxEntry: Sendable {
    enum Kind: Sendable {
        /// Taken back when it cannot be stored.
        case submission(TaskID, key: String?)
        /// Put back when it cannot be stored.
        case removal(TaskID)
        /// Stands all the same, and is stored as soon as storing works: what happened has happened.
        case other
        /// The same, and nothing waits for it to be stored: an attempt runs, or is one of many that end. It is stored with what comes next,
        /// or soon.
        case unhurried
        /// Has the writer see to it that what waits for more is stored in a while.
        case timer
        /// Makes the writer try again what could not be stored.
        case retry
    }

    var decision: Decision
    var kind: Kind
    var acknowledge: Latch<Result<Void, ApolloError>>?
    /// The record of a submission, where its submitter writes it.
    var written: WrittenRecord?

    init(_ decision: Decision, kind: Kind = .other, acknowledge: Latch<Result<Void, ApolloError>>? = nil) {
        self.decision = decision
        self.kind = kind
        self.acknowledge = acknowledge
    }

    /// Takes in what was decided after it. Only what has no hurry is so together.
    mutating func add(_ later: Decision, isUnhurried: Bool) {
        guard !later.isEmpty else { return }
        kind = isUnhurried && (decision.isEmpty || self.isUnhurried) ? .unhurried : .other
        decision += later
    }

    var isRetry: Bool { if case .retry = kind { true } else { false } }
    var isUnhurried: Bool { if case .unhurried = kind { true } else { false } }
    var isTimer: Bool { if case .timer = kind { true } else { false } }
}

extension Manager {
    /// The most entries that share a commit. Who waits for the first of a long queue goes on while the rest is stored: else either the
    /// store or those who submit would stand still. That many take much longer to write than a sync of the disk.
    private static let entriesAtOnce = 1024

    /// Queues an entry and tells the watchers. Under the lock, so that the queue has the order of the decisions.
    func enqueue(_ entry: OutboxEntry, _ state: inout State) {
        for change in entry.decision.changes {
            switch change {
            case .put(let record):
                guard let watch = state.watches[record.id] else { continue }
                watch.set(TaskView(record: record, progress: state.progress[record.id]))
                if record.state.isFinal {
                    watch.finish()
                    state.watches[record.id] = nil
                }
            case .delete(let id, _):
                state.json[id] = nil
                state.progress[id] = nil
            }
        }
        if entry.decision.isEmpty && entry.acknowledge == nil { return }
        for entry in state.unhurried.take(entry, isUnhurried: entry.isUnhurried) { post(entry) }
        // Where there is no room for the timer, nobody would say when they have waited for long enough.
        if state.unhurried.needsTimer(), !outbox.send(OutboxEntry(Decision(), kind: .timer)) {
            for entry in state.unhurried.timeOut() { post(entry) }
        }
    }

    private func post(_ entry: OutboxEntry) {
        if !outbox.send(entry) {
            entry.acknowledge?.set(
                .failure(
                    ApolloError(
                        .exhausted, "too many changes wait to be stored", hint: "try again in a moment")))
            note("the manager's outbox is full or closed; a decision was not stored")
        }
    }

    /// Stores and carries out until cancelled or ``close()``.
    public func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.expireOldTasks() }
            group.addTask { await self.alarms.run { self.wake($0) } }
            let unsaved = UnsavedChanges()
            // Throws only when cancelled, which is how the manager ends.
            while let batch = try? await self.outbox.nextBatch() {
                if batch.contains(where: \.isTimer) { group.addTask { await self.storeUnhurried() } }
                var rest = unsaved.begin(batch)[...]
                while !rest.isEmpty {
                    await self.process(Array(rest.prefix(Self.entriesAtOnce)), unsaved)
                    rest = rest.dropFirst(Self.entriesAtOnce)
                    self.dispatch(unsaved.takeDirectives())
                    for task in unsaved.takeFinished() { self.alarms.cancel(task) }
                }
                guard unsaved.needsRetry() else { continue }
                group.addTask {
                    // Cancelled when the manager ends: then nothing is tried again.
                    guard (try? await self.environment.clock.sleep(for: .seconds(1))) != nil else { return }
                    _ = self.outbox.send(OutboxEntry(Decision(), kind: .retry))
                }
            }
            group.cancelAll()
        }
    }

    /// Has what waits for more stored when it has waited for long enough.
    private func storeUnhurried() async {
        // Cancelled when the manager ends: then nothing more is stored.
        guard (try? await environment.clock.sleep(for: UnhurriedEntries<OutboxEntry>.patience)) != nil else {
            return
        }
        state.withLock { state in for entry in state.unhurried.timeOut() { post(entry) } }
    }

    /// Refuses further changes; what was decided before is still stored.
    public func close() {
        state.withLock { state in
            for entry in state.unhurried.takeAll() { post(entry) }
            outbox.close()
        }
    }

    private func process(_ batch: [OutboxEntry], _ unsaved: UnsavedChanges) async {
        do {
            succeed(batch, unsaved, isStored: try await commit(batch, unsaved))
            return
        } catch {
            if batch.count == 1 { return fail(batch[0], error, unsaved) }
        }
        // Something in the batch, or all of it, could not be stored: find out entry by entry.
        for entry in batch {
            do {
                succeed([entry], unsaved, isStored: try await commit([entry], unsaved))
            } catch {
                fail(entry, error, unsaved)
            }
        }
    }

    /// Whether there was anything to store.
    private func commit(_ batch: [OutboxEntry], _ unsaved: UnsavedChanges) async throws -> Bool {
        var changes: [StoredChange] = unsaved.all
        var position = Dictionary(uniqueKeysWithValues: changes.enumerated().map { ($1.change.task, $0) })
        for entry in batch {
            var (key, submitted): (String?, TaskID?)
            if case .submission(let id, let given) = entry.kind { (key, submitted) = (given, id) }
            for change in entry.decision.changes where !unsaved.isVoid(change.task) {
                var stored = StoredChange(
                    change: change, idempotencyKey: key, mayBeFirst: change.task == submitted)
                if case .put(let record) = change, let json = entry.written?.json(of: record) {
                    stored.json = json
                }
                // Of several states of one task only the last is stored.
                if let at = position[change.task] {
                    stored.idempotencyKey = stored.idempotencyKey ?? changes[at].idempotencyKey
                    stored.mayBeFirst = stored.mayBeFirst || changes[at].mayBeFirst
                    changes[at] = stored
                } else {
                    position[change.task] = changes.count
                    changes.append(stored)
                }
            }
        }
        guard !changes.isEmpty else { return false }
        for index in changes.indices {
            if case .put(let record) = changes[index].change, changes[index].json.isEmpty {
                changes[index].json = RecordCoding.encode(record)
            }
        }
        do {
            // Where they are is known before anything begins there.
            try await saveVolumes()
            try await store.commit(changes)
        } catch {
            state.withLock { $0.storageProblem = "\(error)" }
            throw error
        }
        unsaved.areSaved()
        announce(changes)
        for case .put(let record) in changes.lazy.map(\.change) where record.state.isFinal {
            unsaved.finish(record.id)
        }
        return true
    }

    private func succeed(_ batch: [OutboxEntry], _ unsaved: UnsavedChanges, isStored: Bool) {
        // Once for all: whoever decides meanwhile holds the lock for long.
        state.withLock { state in
            if isStored { state.storageProblem = nil }
            for entry in batch {
                switch entry.kind {
                case .submission(let id, _): state.storing[id] = nil
                case .removal(let id): state.core.removed(id)
                case .other, .unhurried, .timer, .retry: break
                }
            }
        }
        for entry in batch {
            unsaved.release(entry)
            entry.acknowledge?.set(.success(()))
        }
    }

    private func fail(_ entry: OutboxEntry, _ error: any Error, _ unsaved: UnsavedChanges) {
        let cause = error as? ApolloError ?? ApolloError(.unavailable, "cannot store the change: \(error)")
        note("cannot store a change: \(cause)")
        switch entry.kind {
        case .submission(let id, _):
            let now = environment.wallClock.now
            unsaved.void(id)
            state.withLock { state in
                let decision = state.core.withdraw(id, at: now)
                state.storing[id] = nil
                state.watches.removeValue(forKey: id)?.finish()
                enqueue(OutboxEntry(decision), &state)
            }
        case .removal(let id): state.withLock { $0.core.keep(id) }
        case .other, .unhurried: unsaved.add(entry)
        case .timer: break
        case .retry: break  // What it stands for is unsaved already.
        }
        entry.acknowledge?.set(.failure(cause))
    }

    private func dispatch(_ directives: [Directive]) {
        var orders: [(directive: Directive, node: NodeID)] = []
        for directive in directives {
            switch directive {
            case .wake(let task, let at): alarms.set(task, at: at)
            case .launch(_, let node): orders.append((directive, node))
            case .probe(let order): orders.append((directive, order.place.node))
            case .cancelLaunch(let place), .watch(let place), .stop(let place, _), .remove(let place),
                .discard(let place):
                orders.append((directive, place.node))
            }
        }
        guard !orders.isEmpty else { return }
        // Once for all, as above.
        let connections = state.withLock { state in orders.map { state.connections[$0.node] } }
        for ((directive, node), connection) in zip(orders, connections) {
            if let connection {
                connection.perform(directive)
            } else {
                note("node \(node) is not connected; '\(directive)' waits for it to join")
            }
        }
    }

    private func wake(_ task: TaskID) {
        let (now, instant) = (environment.wallClock.now, environment.clock.now)
        state.withLock { state in
            state.core.express(state.drains, at: now, instant)
            let decision = state.core.wake(task, at: now)
            enqueue(OutboxEntry(decision), &state)
        }
    }

    /// Forgets what is over, by age and by number, few at a time: others want the lock, the store and the machines, too.
    private func expireOldTasks() async {
        // Ends with the manager, by cancellation.
        while (try? await environment.clock.sleep(for: .seconds(15))) != nil {
            state.withLock { $0.core.ripen() }
            var isMore = true
            while isMore {
                let cutoff = environment.wallClock.now.advanced(by: .zero - configuration.retention)
                isMore = state.withLock { state in
                    let decision = state.core.expire(
                        finishedBefore: cutoff, keeping: configuration.tasksKept, limit: 200)
                    enqueue(OutboxEntry(decision), &state)
                    return decision.changes.count == 200
                }
                // Ends with the manager, too.
                guard isMore, (try? await environment.clock.sleep(for: .milliseconds(50))) != nil else {
                    break
                }
            }
        }
    }
}
