public import ClusterModel
public import Core

// What becomes of tasks by what happens to their attempts, and by time.
extension TaskCore {
    /// Takes in what happened to an attempt. What is old or unknown changes nothing.
    public mutating func observe(
        _ event: AttemptEvent, of attemptID: AttemptID, task id: TaskID, at now: Timestamp
    ) -> Decision {
        var decision = Decision()
        if remnants[attemptID] != nil {
            observeRemnant(event, of: attemptID, at: now, &decision)
            return decision
        }
        guard var record = tasks[id], var attempt = record.current, attempt.id == attemptID,
            attempt.state != .ended
        else { return decision }
        switch event {
        case .started(let time, let ports, let warnings):
            guard attempt.state == .starting else { return Decision() }
            // Nothing started later than now: the clock was set back since its worker's was compared with it.
            let startedAt = time > now.advanced(by: TaskRecord.clockDifference) ? now : time
            attempt.state = .running
            attempt.startedAt = startedAt
            if !ports.isEmpty {
                attempt.ports = ports
                // An older worker has chosen by itself.
                places.note(ports.map(\.hostPort), of: attemptID)
            }
            if record.spec.health != nil {
                attempt.health = Health(state: .starting, reason: "no probe has succeeded yet", since: now)
            }
            record.notBefore = nil
            record.attempts[record.attempts.count - 1] = attempt
            if record.desired == .run, attempt.outcome == nil, hasBegunInTime(&record, at: startedAt, now) {
                record.state = .running
                record.reason = warnings.isEmpty ? "running" : "running; " + warnings.joined(separator: "; ")
                if let look = nextLook(at: record, now) { decision.directives.append(.wake(id, at: look)) }
                if let probing = probing(attempt, of: record) { decision.directives.append(probing) }
            } else {
                // The stop came while it was being started.
                decision.directives.append(
                    .stop(place(of: attempt, record), grace: record.spec.stopGrace.duration))
            }
            store(record, &decision)
        case .startFailed(let reason, let retry, let busyPorts):
            let outcome: Attempt.Outcome = record.desired == .stopped ? .stopped : .failed
            end(&record, outcome, code: nil, reason: reason, at: now)
            notePorts(busyPorts, of: record, on: attempt.node, at: now)
            if record.desired == .stopped {
                finish(&record, as: .stopped, reason: "stopped before it started", at: now)
            } else if record.isGivenUp {
                finish(&record, as: .failed, reason: record.reason, at: now)
            } else if !findsOtherPorts(busyPorts, &record, reason, at: now, &decision) {
                failStart(&record, reason, retry, at: now, &decision)
            }
            store(record, &decision)
            placeWaiting(at: now, &decision)
        case .startUnclear(let reason):
            guard attempt.state == .starting else { return Decision() }
            startUnclear(&record, attempt, reason, at: now, &decision)
        case .startCancelled:
            // What was to make room says by whom it was stopped, as if it had run.
            let why = attempt.isMoving && record.desired == .run ? record.reason : "stopped before it started"
            end(&record, attempt.outcome ?? .stopped, code: nil, reason: why, at: now)
            if record.desired == .stopped {
                finish(&record, as: .stopped, reason: "stopped before it started", at: now)
            } else if attempt.isMoving {
                moveOn(&record, at: now, &decision)
            } else if record.isGivenUp {
                finish(&record, as: .failed, reason: record.reason, at: now)
            } else {
                retryLater(&record, because: "the start was interrupted", at: now, &decision)
            }
            store(record, &decision)
            placeWaiting(at: now, &decision)
        case .health(let state, let reason): judge(&record, state, reason, at: now, &decision)
        case .exited(let code, let endedAt, let reason):
            exited(&record, code: code, endedAt: endedAt, reason: reason, at: now, &decision)
            store(record, &decision)
            placeWaiting(at: now, &decision)
        }
        return decision
    }

    /// Looks at a task whose time has come: its back-off is over, its time-out, or its deadline.
    public mutating func wake(_ id: TaskID, at now: Timestamp) -> Decision {
        guard let record = tasks[id] else { return Decision() }
        var decision = Decision()
        if expireDrain(record, at: now, &decision) { return decision }
        if let deadline = record.deadline, deadline.time <= now {
            expire(record, because: deadline.reason, at: now, &decision)
            return decision
        }
        wake(record, at: now, &decision)
        armDeadline(of: id, at: now, &decision)
        return decision
    }

    private mutating func wake(_ record: TaskRecord, at now: Timestamp, _ decision: inout Decision) {
        var record = record
        let id = record.id
        if record.state == .pending, let notBefore = record.notBefore {
            guard !record.isWaiting(at: now) else {
                return decision.directives.append(.wake(id, at: notBefore))
            }
            place(id, at: now, &decision)
            placeWaiting(at: now, &decision)
        } else if record.state == .pending, waiting.contains(id) {
            place(id, at: now, &decision)
            placeWaiting(at: now, &decision)
        } else if record.state == .scheduled, let notBefore = record.notBefore, let attempt = record.current {
            guard !record.isWaiting(at: now) else {
                return decision.directives.append(.wake(id, at: notBefore))
            }
            startAgain(&record, attempt, &decision)
        } else if record.state == .running, let limit = record.spec.timeout, let attempt = record.current,
            let startedAt = attempt.startedAt
        {
            guard record.hasRun(for: limit.duration, since: startedAt, at: now) else {
                return decision.directives.append(.wake(id, at: startedAt.advanced(by: limit.duration)))
            }
            record.state = .stopping
            record.reason = "timed out after \(limit.duration.short)"
            store(record, &decision)
            decision.directives.append(
                .stop(place(of: attempt, record), grace: record.spec.stopGrace.duration))
        }
    }
}
