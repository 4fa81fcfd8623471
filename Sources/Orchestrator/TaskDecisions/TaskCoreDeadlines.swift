import ClusterModel
import Core

// Deadlines of tasks: until when one has to begin to run, and until when it has to be over.
extension TaskCore {
    /// All that was stored is taken over: has tasks looked at when their deadlines come, and says of those who wait why they do so now,
    /// since what was stored of that is as old as the manager before.
    public mutating func restored() -> Decision {
        var decision = Decision()
        renewWaitingReasons(&decision)
        let wakes = tasks.values.lazy.filter { !$0.state.isFinal }
            .compactMap { record in record.deadline.map { (record.id, $0.time) } }
            .sorted { $0.0 < $1.0 }
        decision.directives += wakes.map { .wake($0.0, at: $0.1) }
        return decision
    }

    /// Has a task with a deadline looked at then, where it is not looked at before.
    func armDeadline(of id: TaskID, at now: Timestamp, _ decision: inout Decision) {
        guard let record = tasks[id], record.desired == .run, record.state != .stopping,
            record.deadline != nil, let look = nextLook(at: record, now)
        else { return }
        for directive in decision.directives.reversed() {
            // Of several orders for a task the latest counts.
            if case .wake(id, let time) = directive, time <= look { return }
        }
        decision.directives.append(.wake(id, at: look))
    }

    /// When something about the task is due next: its back-off, its time-out, its deadline.
    func nextLook(at record: TaskRecord, _ now: Timestamp) -> Timestamp? {
        var times: [Timestamp] = []
        if record.state == .pending || record.state == .scheduled, let time = record.notBefore {
            times.append(time)
        }
        if record.state == .running, let limit = record.spec.timeout, let start = record.current?.startedAt {
            // Started later than now, it was by a clock that is ahead, or was.
            times.append(min(start, now).advanced(by: limit.duration))
        }
        if let deadline = record.deadline { times.append(deadline.time) }
        return times.min()
    }

    /// An attempt runs: whether that is soon enough. One that comes too late is to be ended.
    func hasBegunInTime(_ record: inout TaskRecord, at startedAt: Timestamp, _ now: Timestamp) -> Bool {
        // The clock of its node may be ahead.
        guard let bound = record.startBy, min(startedAt, now) > bound else {
            record.startBy = nil
            return true
        }
        if record.state != .stopping, let deadline = record.deadline { record.reason = deadline.reason }
        record.state = .stopping
        return false
    }

    /// Ends a task whose deadline has passed. One that ends already is looked at when it has.
    mutating func expire(
        _ record: TaskRecord, because reason: String, at now: Timestamp, _ decision: inout Decision
    ) {
        guard record.desired == .run, !record.state.isFinal else { return }
        guard let attempt = record.current, attempt.state != .ended else {
            decision += renewReasons(of: [record.id])
            guard var record = tasks[record.id] else { return }
            // Between two tries, what became of the last one is what kept it.
            let why = record.notBefore.flatMap { _ in record.current?.reason } ?? record.reason
            finish(&record, as: .failed, reason: "\(reason): \(why)", at: now)
            store(record, &decision)
            return placeWaiting(at: now, &decision)
        }
        guard record.state != .stopping, attempt.outcome == nil else { return }
        var record = record
        let isUnclear = record.notBefore != nil
        let isStarting = attempt.state == .starting
        places.markLeaving(attempt.id)
        record.state = .stopping
        record.reason = isStarting ? "\(reason): \(record.reason)" : reason
        record.notBefore = nil
        store(record, &decision)
        decision.directives.append(halt(attempt, of: record, isUnclear: isUnclear, nil))
    }
}

extension TaskRecord {
    /// When it has failed unless something happens before, and what is to say of it then; nil for never.
    var deadline: (time: Timestamp, reason: String)? {
        let start = startBy.map { bound in
            (bound, "did not start within \(createdAt.duration(to: bound).short)")
        }
        let finish = spec.finishWithin.map { limit in
            (createdAt.advanced(by: limit.duration), "was not done within \(limit.duration.short)")
        }
        guard let start else { return finish }
        guard let finish else { return start }
        return finish.0 < start.0 ? finish : start
    }

    func isExpired(at now: Timestamp) -> Bool { deadline.map { $0.time <= now } ?? false }

    /// Whether its attempt is ended although it should run, and not to be started again.
    var isGivenUp: Bool { state == .stopping && desired == .run && current?.isMoving != true }
}
