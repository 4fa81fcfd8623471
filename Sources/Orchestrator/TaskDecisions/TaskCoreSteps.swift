import ClusterModel
import Core

// The steps that commands and events are made of. Each leaves the core consistent.
extension TaskCore {
    mutating func exited(
        _ record: inout TaskRecord, code: Int32?, endedAt: Timestamp, reason: String, at now: Timestamp,
        _ decision: inout Decision
    ) {
        let neverRan = record.current?.state == .starting && code == nil
        guard record.desired == .run else {
            let why = neverRan ? "stopped before it started" : reason
            end(&record, .stopped, code: code, reason: why, at: endedAt)
            return finish(&record, as: .stopped, reason: neverRan ? why : "stopped: \(why)", at: endedAt)
        }
        if let attempt = record.current, let outcome = attempt.outcome, attempt.isMoving {
            end(&record, outcome, code: code, reason: record.reason, at: endedAt)
            return moveOn(&record, at: now, &decision)
        }
        if record.state == .stopping, neverRan {
            // Its start was given up, and now it is certain that there is nothing of it.
            let why = record.reason
            end(&record, .failed, code: nil, reason: why, at: endedAt)
            return finish(&record, as: .failed, reason: why, at: endedAt)
        }
        guard let code else {
            end(&record, .lost, code: nil, reason: reason, at: endedAt)
            return retryLater(&record, because: reason, at: now, &decision)
        }
        // While stopping although it should run, its time-out has passed: that is a failure whatever the code.
        let timedOut = record.state == .stopping
        let failed = code != 0 || timedOut
        let why = timedOut ? record.reason : reason
        let ran = (record.current?.startedAt ?? endedAt).duration(to: endedAt)
        end(&record, failed ? .failed : .completed, code: code, reason: why, at: endedAt)
        if ran >= record.spec.restart.longRun.duration {
            (record.restartStreak, record.nodeStreak) = (0, nil)
        }
        let restart = RestartDecision.decide(
            record.spec.restart, failed: failed, restarts: record.restarts,
            streak: record.restartStreak)
        switch restart {
        case .restart(let wait) where !(timedOut && record.isExpired(at: now)):
            let again = "restarting in \(wait.short)\(whereAgain(record))"
            postpone(&record, for: wait, because: "\(why); \(again)", at: now, &decision)
        case .final, .restart:
            finish(&record, as: failed ? .failed : .completed, reason: why, at: endedAt)
        }
    }

    /// A start has failed, for certain.
    mutating func failStart(
        _ record: inout TaskRecord, _ reason: String, _ retry: Bool, at now: Timestamp,
        _ decision: inout Decision
    ) {
        if retry, record.spec.restart.mode != .never || record.restartStreak < limits.startTries {
            retryLater(&record, because: reason, at: now, &decision)
        } else {
            finish(&record, as: .failed, reason: reason, at: now)
        }
    }

    /// A start of which nobody knows whether it came about. Another attempt might be a second one that runs: it is the same
    /// that is started again, which tells.
    mutating func startUnclear(
        _ record: inout TaskRecord, _ attempt: Attempt, _ reason: String, at now: Timestamp,
        _ decision: inout Decision
    ) {
        guard record.desired == .run, record.state == .scheduled else {
            let grace = record.spec.stopGrace.duration
            return decision.directives.append(.stop(place(of: attempt, record), grace: grace))
        }
        if record.spec.restart.mode == .never, record.restartStreak >= limits.startTries {
            record.state = .stopping
            record.reason = reason
            decision.directives.append(.stop(place(of: attempt, record), grace: .zero))
        } else {
            let wait = RestartDecision.platformWait(record.spec.restart, streak: record.restartStreak)
            let why = "\(reason); trying again in \(wait.short)"
            postpone(&record, for: wait, because: why, at: now, &decision)
            record.state = .scheduled
        }
        store(record, &decision)
    }

    mutating func startAgain(_ record: inout TaskRecord, _ attempt: Attempt, _ decision: inout Decision) {
        if record.notBefore != nil {
            record.notBefore = nil
            record.reason = "starting on \(nodes[attempt.node]?.name ?? "its node")"
            store(record, &decision)
        }
        decision.directives.append(.launch(launch(of: attempt, record), on: attempt.node))
    }

    /// Tries again after the policy's back-off, and not at once: what failed was not the task's own doing.
    mutating func retryLater(
        _ record: inout TaskRecord, because reason: String, at now: Timestamp, _ decision: inout Decision
    ) {
        let wait = RestartDecision.platformWait(record.spec.restart, streak: record.restartStreak)
        let again = "trying again in \(wait.short)\(whereAgain(record))"
        postpone(&record, for: wait, because: "\(reason); \(again)", at: now, &decision)
    }

    /// Starts again elsewhere, or later: that it ended was the platform's doing, and counts for no back-off.
    mutating func moveOn(_ record: inout TaskRecord, at now: Timestamp, _ decision: inout Decision) {
        let streak = record.restartStreak
        postpone(&record, for: .zero, because: record.reason, at: now, &decision)
        record.restartStreak = streak
    }

    mutating func postpone(
        _ record: inout TaskRecord, for wait: Duration, because reason: String, at now: Timestamp,
        _ decision: inout Decision
    ) {
        let notBefore = now.advanced(by: wait)
        record.state = .pending
        record.reason = reason
        record.restartStreak += 1
        record.notBefore = notBefore
        decision.directives.append(.wake(record.id, at: min(notBefore, record.deadline?.time ?? notBefore)))
    }

    /// The specification with what runs its image, where it leaves that to us: a container engine, unless no node has one that
    /// answers and one runs images without.
    func choosingRuntime(for spec: TaskSpec) -> TaskSpec {
        guard spec.image != nil, spec.requestedRuntime == nil, !nodes.isEmpty, missingRuntime(.docker) != nil,
            missingRuntime(.oci) == nil
        else { return spec }
        var spec = spec
        spec.requestedRuntime = .oci
        return spec
    }

    func missingRuntime(_ kind: RuntimeKind) -> String? {
        guard !nodes.isEmpty else { return nil }
        // Nearly always the first node has it; only what says why not has to be the same each time.
        if nodes.values.contains(where: { $0.runtimes.contains { $0.kind == kind && $0.isAvailable } }) {
            return nil
        }
        var detail: String?
        for node in nodes.values.sorted(by: { $0.id < $1.id }) {
            guard let runtime = node.runtimes.first(where: { $0.kind == kind }) else { continue }
            detail = runtime.detail
        }
        return detail ?? "no node has that switched on"
    }

    mutating func end(
        _ record: inout TaskRecord, _ outcome: Attempt.Outcome, code: Int32?, reason: String,
        at endedAt: Timestamp
    ) {
        guard var attempt = record.current, attempt.state != .ended else { return }
        attempt.state = .ended
        attempt.outcome = outcome
        attempt.exitCode = code
        attempt.reason = reason
        attempt.endedAt = endedAt
        record.attempts[record.attempts.count - 1] = attempt
        release(attempt, of: record)
    }

    mutating func release(_ attempt: Attempt, of record: TaskRecord) {
        if let place = nodes.index(forKey: attempt.node) {
            nodes.values[place].allocate(record.spec.resources, sign: -1)
        }
        tasksOn[attempt.node]?.remove(record.id)
        places.release(attempt.id)
        releaseGPUs(attempt.gpus ?? [], on: attempt.node, of: attempt.id)
        victimLeft(attempt.id, attempt.node)
        settleState(of: attempt.node)
    }

    mutating func finish(
        _ record: inout TaskRecord, as state: TaskState, reason: String, at now: Timestamp
    ) {
        record.state = state
        record.reason = reason
        record.finishedAt = now
        record.notBefore = nil
        leaveQueue(record.id)
        over.append(record)
        unfinished -= 1
        if !record.spec.volumes.isEmpty { volumeTable.leave(record) }
    }

    mutating func store(_ record: TaskRecord, _ decision: inout Decision) {
        var record = record
        record.revision += 1
        tasks[record.id] = record
        decision.changes.append(.put(record))
    }

    mutating func insert(_ record: TaskRecord, idempotencyKey: String?) {
        tasks[record.id] = record
        names[QualifiedName(project: record.project, name: record.name)] = record.id
        if let idempotencyKey {
            keys[idempotencyKey] = record.id
            keyOf[record.id] = idempotencyKey
        }
        if record.state.isFinal { over.append(record) } else { unfinished += 1 }
        if !record.spec.volumes.isEmpty { volumeTable.use(record) }
        if let attempt = record.current, attempt.state != .ended {
            tasksOn[attempt.node, default: []].insert(record.id)
            gpus.hold(attempt.gpus ?? [], on: attempt.node, for: attempt.id)
        }
    }

    mutating func erase(_ record: TaskRecord) {
        leaveQueue(record.id)
        tasks[record.id] = nil
        names[QualifiedName(project: record.project, name: record.name)] = nil
        strandedReasons[record.id] = nil
        if let key = keyOf.removeValue(forKey: record.id) { keys[key] = nil }
        if !record.state.isFinal { unfinished -= 1 }
        if !record.spec.volumes.isEmpty { volumeTable.leave(record) }
    }

    func place(of attempt: Attempt, _ record: TaskRecord) -> AttemptPlace {
        AttemptPlace(task: record.id, attempt: attempt.id, node: attempt.node, runtime: record.spec.runtime)
    }

    func launch(of attempt: Attempt, _ record: TaskRecord) -> AttemptLaunch {
        let gpus = attempt.gpus ?? []
        guard !attempt.ports.isEmpty else {
            return AttemptLaunch(
                attempt: attempt.id, task: record.id, taskName: record.name, project: record.project,
                sharing: record.sharedSpec, gpus: gpus)
        }
        var spec = record.spec
        spec.ports = attempt.ports
        return AttemptLaunch(
            attempt: attempt.id, task: record.id, taskName: record.name, project: record.project, spec: spec,
            gpus: gpus)
    }
}
