public import ClusterModel
import Concurrency
public import Core
import Synchronization
public import TaskDecisions
import Workers

// What people and jobs ask of tasks: decided at once, and answered when it is stored.
extension Manager {
    /// Accepts a task. Returns once it is stored: from then on it is never lost.
    public func submit(_ submission: Submission) async throws -> TaskRecord {
        do {
            return try await accept(submission)
        } catch TaskRefusal.noRuntime(let kind, _) {
            // The engine may have been started a moment ago.
            await probeNodes()
            do {
                return try await accept(submission)
            } catch let refusal as TaskRefusal {
                throw refusal.asApolloError(kind: kind)
            }
        } catch let refusal as TaskRefusal {
            throw refusal.asApolloError()
        }
    }

    /// Accepts many tasks at once, which costs less than one by one: they share commits. The
    /// results stand in the order of the submissions.
    public func submit(_ submissions: [Submission]) async throws -> [Result<TaskRecord, ApolloError>] {
        // One such caller after the other: whoever waits for a lock that is held for long keeps a processor busy meanwhile.
        let offers = try await batches.withPermit { offer(submissions) }
        // They are stored in their order: whoever waits for the last first is woken once.
        if let last = offers.compactMap({ $0?.stored }).last { _ = try await last.value() }
        var results: [Result<TaskRecord, ApolloError>] = []
        results.reserveCapacity(submissions.count)
        for (submission, offer) in zip(submissions, offers) {
            do {
                if let offer, let record = try await settled(offer) {
                    results.append(.success(record))
                } else {
                    results.append(.success(try await submit(submission)))
                }
            } catch let error as ApolloError {
                results.append(.failure(error))
            }
        }
        return results
    }

    private func accept(_ submission: Submission) async throws -> TaskRecord {
        // A second round comes only when the task of the same key, or of the same name, is just being stored or removed.
        for _ in 0..<16 {
            if let record = try await settled(offer(submission)) { return record }
        }
        throw ApolloError(
            .unavailable, "others submit and remove the same task all the time", hint: "try again in a moment"
        )
    }

    /// The task once it is stored; nil where the offer must be made again.
    ///
    /// Apart from the loop: Swift 6.3.1 crashes when it optimises the two together ("while splitting coroutine").
    @inline(never)
    private func settled(_ offer: Offer) async throws -> TaskRecord? {
        switch offer {
        case .accepted(let record, let stored):
            try await stored.value().get()
            return record
        case .known(let record): return record
        case .onItsWay(let stored):
            // What keeps the first from being stored may not keep this one.
            _ = try await stored.value()
            return nil
        case .heldUp:
            try await settle()
            return nil
        }
    }

    private enum Offer {
        case accepted(TaskRecord, Latch<Result<Void, ApolloError>>)
        /// A task of this key is there.
        case known(TaskRecord)
        /// A task of this key is being stored, or taken back if that fails.
        case onItsWay(Latch<Result<Void, ApolloError>>)
        /// The task of this key or name is being removed.
        case heldUp

        /// What says that it is stored, for one that was accepted.
        var stored: Latch<Result<Void, ApolloError>>? {
            if case .accepted(_, let stored) = self { stored } else { nil }
        }
    }

    private func offer(_ submission: Submission) throws(TaskRefusal) -> Offer {
        let now = environment.wallClock.now
        return try state.withLock { state throws(TaskRefusal) -> Offer in
            try offer(submission, at: now, &state)
        }
    }

    /// Nil for what is refused: whoever offers it again is told why.
    private func offer(_ submissions: [Submission]) -> [Offer?] {
        let now = environment.wallClock.now
        var offers: [Offer?] = []
        offers.reserveCapacity(submissions.count)
        var rest = submissions[...]
        while !rest.isEmpty {
            var written: [WrittenRecord] = []
            // A few at a time: what stores others and hears of nodes wants the lock, too.
            state.withLock { state in
                for submission in rest.prefix(Self.offersAtOnce) {
                    do throws(TaskRefusal) {
                        offers.append(try offer(submission, at: now, &state) { written.append($0) })
                    } catch {
                        offers.append(nil)
                    }
                }
            }
            for record in written { record.write() }
            rest = rest.dropFirst(Self.offersAtOnce)
        }
        return offers
    }

    /// Submissions that are decided about without giving the lock back: a third of a millisecond.
    private static let offersAtOnce = 32

    /// - Parameter writes: is given the record of one that is accepted, to write it once the lock is given back; nil for who leaves that
    ///   to the writer.
    private func offer(
        _ submission: Submission, at now: Timestamp, _ state: inout State,
        writes: ((WrittenRecord) -> Void)? = nil
    ) throws(TaskRefusal) -> Offer {
        if state.core.isHeldUp(submission) { return .heldUp }
        let (record, decision) = try state.core.submit(submission, at: now)
        guard !decision.isEmpty else {
            return state.storing[record.id].map { .onItsWay($0) } ?? .known(record)
        }
        let stored = Latch<Result<Void, ApolloError>>()
        state.storing[record.id] = stored
        var entry = OutboxEntry(
            decision, kind: .submission(record.id, key: submission.idempotencyKey), acknowledge: stored)
        if let writes {
            let written = WrittenRecord(record)
            entry.written = written
            writes(written)
        }
        enqueue(entry, &state)
        return .accepted(record, stored)
    }

    /// Asks a task to end, and returns its record once that is stored.
    public func stop(_ id: TaskID, grace: Duration?) async throws -> TaskRecord {
        try await command(kind: .other) { core, now throws(TaskRefusal) in
            try core.stop(id, grace: grace, at: now)
        }
        guard let record = record(id) else { throw TaskRefusal.unknownTask.asApolloError() }
        return record
    }

    /// Forgets a finished task.
    public func remove(_ id: TaskID) async throws {
        try await command(kind: .removal(id)) { core, _ throws(TaskRefusal) in try core.remove(id) }
    }

    private func command(
        kind: OutboxEntry.Kind,
        _ decide: (inout TaskCore, Timestamp) throws(TaskRefusal) -> Decision
    ) async throws {
        let stored = Latch<Result<Void, ApolloError>>()
        let now = environment.wallClock.now
        do {
            let isEmpty = try state.withLock { state throws(TaskRefusal) -> Bool in
                let decision = try decide(&state.core, now)
                guard !decision.isEmpty else { return true }
                enqueue(OutboxEntry(decision, kind: kind, acknowledge: stored), &state)
                return false
            }
            // There is nothing to do, perhaps because somebody else's same command is just being stored.
            if isEmpty { return try await settle() }
        } catch let error as TaskRefusal {
            throw error.asApolloError()
        }
        try await stored.value().get()
    }

    /// Returns once all that was decided before is stored, or could not be.
    public func settle() async throws {
        let stored = Latch<Result<Void, ApolloError>>()
        state.withLock { enqueue(OutboxEntry(Decision(), acknowledge: stored), &$0) }
        try await stored.value().get()
    }

    private func probeNodes() async {
        let connections = state.withLock { $0.connections.values.sorted { $0.node < $1.node } }
        for connection in connections { await connection.refresh() }
    }
}
