public import ClusterModel
public import Core
import Scheduling

// Tasks that find a place, and those that wait for one.
extension TaskCore {
    /// Up to so many waiting tasks, and so many times all nodes, have their reasons renewed with every change. Of more it is told
    /// when somebody looks (``renewReasons(of:)``): to write a million reasons anew with each task that ends, or to look at
    /// thousands of nodes with each that comes, would be all that the platform does.
    private static var renewedReasons: (tasks: Int, looks: Int) { (64, 4096) }

    private var renewsReasons: Bool {
        waiting.count <= Self.renewedReasons.tasks && waiting.count * nodes.count <= Self.renewedReasons.looks
    }

    /// Gives a pending task a node and an attempt, or a reason why there is none. Nobody is stopped for it unless `mayPreempt`.
    mutating func place(
        _ id: TaskID, at now: Timestamp, mayPreempt: Bool = true, _ decision: inout Decision
    ) {
        guard let record = tasks[id], record.state == .pending else { return leaveQueue(id) }
        unblockPorts(at: now)
        if placeMoved(id, at: now, &decision) { return }
        let (ask, priority) = (ask(of: record), record.spec.priority)
        // Those who sleep have found that no node has room for what they ask.
        let line = waiting.isEmpty ? nil : waiting.line(for: ask, priority: priority)
        let known = line.map { waiting[$0].sleeperCount > 0 } ?? false
        if !known || places.isTouched {
            let attempt = makeAttemptID()
            if let node = takePlace(for: record, ask, attempt: attempt) {
                leaveQueue(id)
                launch(id, on: node, as: attempt, at: now, &decision)
                // One more where there were the fewest may let others of its group go elsewhere.
                if ask.spread != nil, !waiting.spreading.isEmpty { serveSpreading(at: now, &decision) }
                return
            }
        }
        waiting.insert(id, ask: ask, priority: priority)
        if mayPreempt {
            clearPlace(for: id, &decision)
        } else if places.outranks(priority) {
            decision.directives.append(.wake(id, at: now))
        }
        if mayPreempt || !places.outranks(priority) { awaitPorts(of: ask, for: id, &decision) }
        // Its place was only being cleared for somebody less important, and is free by now.
        if let claim = claims[id] { launchCleared(on: claim.node, at: now, &decision) }
        if waiting.contains(id) { explainWait(of: id, isRead: false, &decision) }
    }

    /// Gives what room there is more than before to those who wait for it, the most important first and of those the oldest.
    mutating func placeWaiting(at now: Timestamp, _ decision: inout Decision) {
        // What this does may free room in turn: a claim that is not needed any more.
        while places.isTouched || !unsettled.isEmpty {
            let touched = places.takeTouched()
            for node in touched { serve(node, at: now, &decision) }
            serveSpreading(at: now, &decision)
            let lost = unsettled
            unsettled = []
            for id in lost where waiting.contains(id) { clearPlace(for: id, &decision) }
        }
        renewWaitingReasons(&decision)
    }

    /// Brings up to date why tasks wait, where they are few.
    mutating func renewWaitingReasons(_ decision: inout Decision) {
        guard renewsReasons else { return }
        for id in waiting.ids.sorted() { explainWait(of: id, &decision) }
    }

    private mutating func serve(_ node: NodeID, at now: Timestamp, _ decision: inout Decision) {
        guard nodes[node]?.state == .ready else { return }
        launchCleared(on: node, at: now, &decision)
        for priority in waiting.priorities {
            var age: TaskID?
            while let (free, labels) = places.room(on: node),
                let room = places.room(on: node, below: priority),
                let (line, head) = waiting.first(of: priority, fitting: room, on: labels, after: age)
            {
                let ask = waiting[line].ask
                if ask.amounts.fits(in: free), places.admits(ask, on: node) {
                    let attempt = makeAttemptID()
                    leaveQueue(head)
                    places.hold(attempt, on: node, for: ask, priority: priority, of: head)
                    launch(head, on: node, as: attempt, at: now, &decision)
                    age = nil
                    continue
                }
                if !ask.amounts.fits(in: free) || !ask.ports.isEmpty {
                    clearPlace(for: head, on: node, &decision)
                }
                age = head
            }
        }
    }

    /// Where a spread counts, room elsewhere may be what helps.
    private mutating func serveSpreading(at now: Timestamp, _ decision: inout Decision) {
        let lines = waiting.spreading.map { (waiting[$0].priority, waiting[$0].head, $0) }
            .sorted { ($1.0, $0.1?.text ?? "") < ($0.0, $1.1?.text ?? "") }
        for (priority, _, line) in lines {
            while waiting.spreading.contains(line), let head = waiting[line].head {
                let attempt = makeAttemptID()
                let ask = waiting[line].ask
                guard
                    let node = places.take(for: ask, priority: priority, of: head, attempt: attempt)
                else {
                    waiting[line].isHopeless = false
                    clearPlace(for: head, &decision)
                    break
                }
                leaveQueue(head)
                launch(head, on: node, as: attempt, at: now, &decision)
            }
        }
    }

    /// Begins an attempt on a node where it is counted already.
    mutating func launch(
        _ id: TaskID, on node: NodeID, as attemptID: AttemptID, at now: Timestamp, _ decision: inout Decision
    ) {
        guard var record = tasks[id] else { return }
        let given = gpus.take(
            record.spec.resources.gpus ?? 0, of: nodes[node]!.gpus ?? [], on: node, for: attemptID)
        let attempt = Attempt(
            id: attemptID, number: record.attemptCount + 1, node: node, epoch: epoch, createdAt: now,
            ports: record.spec.ports(places.ports(of: attemptID)), gpus: given.isEmpty ? nil : given)
        record.reason = "starting on \(nodes[node]!.name)\(whyHere(record, node))"
        record.nodeStreak = record.hasFailed(on: node) ? (record.nodeStreak ?? 0) + 1 : nil
        record.attemptCount += 1
        record.attempts.append(attempt)
        while record.attempts.count > limits.attemptsKept {
            decision.directives.append(.remove(place(of: record.attempts.removeFirst(), record)))
        }
        record.state = .scheduled
        record.notBefore = nil
        nodes[node]!.allocate(record.spec.resources)
        tasksOn[node, default: []].insert(id)
        store(record, &decision)
        decision.directives.append(.launch(launch(of: attempt, record), on: node))
        if !record.spec.volumes.isEmpty { bindVolumes(of: record, to: node) }
    }

    /// The task waits for no place any more.
    mutating func leaveQueue(_ id: TaskID) {
        guard !waiting.isEmpty || !claims.isEmpty else { return }
        dropClaim(of: id)
        waiting.remove(id)
    }

    // MARK: Reasons

    /// Whether a task waits for a place.
    public func waits(_ id: TaskID) -> Bool { waiting.contains(id) }

    /// Brings the reasons of those of `ids` that wait for a place up to date, as whoever reads them expects.
    public mutating func renewReasons(of ids: some Sequence<TaskID>) -> Decision {
        var decision = Decision()
        for id in ids where waiting.contains(id) { explainWait(of: id, &decision) }
        return decision
    }

    /// Says why a task waits, where that is not what it says already. Where nobody reads it and there is much to look at, what was
    /// found for another of its line will do.
    private mutating func explainWait(of id: TaskID, isRead: Bool = true, _ decision: inout Decision) {
        guard var record = tasks[id], let line = waiting.line(of: id) else { return }
        var reason = clearingReason(of: id) ?? reason(of: line, isRead: isRead)
        let attempts = record.attempts
        if let last = attempts.indices.last, attempts[last].outcome == .preempted,
            let why = attempts[last].reason
        {
            reason = "\(why); \(reason)"
        }
        guard record.revision == 0 || record.reason != reason || record.notBefore != nil else { return }
        record.reason = reason
        record.notBefore = nil
        store(record, &decision)
    }

    private mutating func reason(of line: Int32, isRead: Bool) -> String {
        guard !nodes.isEmpty else { return "waiting for a node to join" }
        let isLazy = !isRead && !renewsReasons
        let known = waiting.reason(of: line)
        if let known, isLazy || known.time == places.changes { return known.text }
        if isLazy { return "waiting for room" }
        let facts = facts(of: line)
        // Most of what changes about nodes changes nothing of it, and it is in words already.
        let text = known?.facts == facts ? known!.text : facts.text
        waiting.note(WaitingQueue.Reason(time: places.changes, facts: facts, text: text), of: line)
        return text
    }

    /// By itself, so that all it looks at is lent and not copied.
    private func facts(of line: Int32) -> WaitingReason {
        WaitingReason.of(waiting.ask(of: line), on: nodes, in: places)
    }
}
