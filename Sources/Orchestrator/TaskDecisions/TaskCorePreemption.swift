import ClusterModel
import Core
import Scheduling

/// A place that is being cleared for a task: it is counted as taken already, so that nobody else gets it meanwhile.
struct Claim: Hashable, Sendable {
    var node: NodeID
    /// Stands for the task on the node, and becomes its attempt.
    var attempt: AttemptID
    /// What has still to end there.
    var victims: Set<AttemptID>
}

// Room for what is more important: tasks of a lower priority are stopped, and start again where and when there is room. Claims are
// known only here; after a restart they are made again.
extension TaskCore {
    /// Begins to clear a place for a task that found none: the one that costs others the least, or on `node` alone. Does nothing
    /// where one is being cleared for it already.
    mutating func clearPlace(for id: TaskID, on node: NodeID? = nil, _ decision: inout Decision) {
        guard claims[id] == nil, let line = waiting.line(of: id), let record = tasks[id] else { return }
        let (ask, priority) = (waiting[line].ask, record.spec.priority)
        guard node != nil || !waiting[line].isHopeless, places.outranks(priority) else { return }
        guard let (node, attempts) = places.preempt(for: ask, priority: priority, on: node) else {
            if node == nil { waiting[line].isHopeless = true }
            return
        }
        var victims: Set<AttemptID> = []
        for attempt in attempts {
            if let holder = claimsOn[node]?.first(where: { claims[$0]?.attempt == attempt }) {
                // A place that is only being cleared for somebody less important is simply taken over.
                loseClaim(of: holder)
            } else if remnants[attempt] != nil {
                victims.insert(attempt)
            } else if let owner = places.owner(of: attempt), let victim = tasks[owner] {
                victims.insert(attempt)
                preempt(victim, for: record, &decision)
            }
        }
        let reserved = makeAttemptID()
        places.hold(reserved, on: node, for: ask, priority: priority, of: id)
        claims[id] = Claim(node: node, attempt: reserved, victims: victims)
        claimsOn[node, default: []].insert(id)
        nodes[node]!.reserve(record.spec.resources)
        waiting.mark(id, isClaimant: true)
    }

    /// Starts those on the node for whom there is room by now, the most important first: what others on it need not end for that.
    mutating func launchCleared(on node: NodeID, at now: Timestamp, _ decision: inout Decision) {
        guard let ids = claimsOn[node], !ids.isEmpty else { return }
        let order = ids.compactMap { tasks[$0] }.sorted {
            ($1.spec.priority, $0.id) < ($0.spec.priority, $1.id)
        }
        for record in order {
            guard let claim = claims[record.id], let host = nodes[node] else { continue }
            guard host.isRoomy(for: record.spec), places.hasItsPorts(claim.attempt) else {
                // Only where the node has become smaller meanwhile, or something else has a port of it.
                if claim.victims.isEmpty { loseClaim(of: record.id) }
                continue
            }
            if places.ports(of: claim.attempt).contains(where: { $0.number == 0 }) {
                // There were too few left to choose from when the place was claimed. Those it has are not given back without need: by the
                // other transport, somebody may have got one of them since.
                places.release(claim.attempt)
                places.hold(
                    claim.attempt, on: node, for: ask(of: record), priority: record.spec.priority,
                    of: record.id)
                guard places.hasItsPorts(claim.attempt) else {
                    if claim.victims.isEmpty { loseClaim(of: record.id) }
                    continue
                }
            }
            // What holds the place becomes the attempt.
            take(claim, of: record)
            waiting.remove(record.id)
            launch(record.id, on: node, as: claim.attempt, at: now, &decision)
        }
    }

    /// Gives up what is being cleared for the task. What was stopped for it has been stopped.
    mutating func dropClaim(of id: TaskID) {
        guard let claim = claims[id], let record = tasks[id] else { return }
        take(claim, of: record)
        places.release(claim.attempt)
        waiting.mark(id, isClaimant: false)
    }

    private mutating func take(_ claim: Claim, of record: TaskRecord) {
        claims[record.id] = nil
        claimsOn[claim.node]?.remove(record.id)
        if claimsOn[claim.node]?.isEmpty == true { claimsOn[claim.node] = nil }
        nodes[claim.node]?.reserve(record.spec.resources, sign: -1)
    }

    /// Gives up claims on a node that is not what they need any more; who had them looks for others.
    mutating func reviewClaims(on node: NodeID) {
        guard let ids = claimsOn[node] else { return }
        for id in ids.sorted() {
            guard let record = tasks[id], let host = nodes[node] else { continue }
            let labels = host.placementLabels
            let isGood =
                host.state == .ready && ask(of: record).constraints.allSatisfy { $0.holds(for: labels) }
                && record.ask.amounts.fits(in: host.capacity.amounts)
            if !isGood { loseClaim(of: id) }
        }
    }

    private mutating func loseClaim(of id: TaskID) {
        dropClaim(of: id)
        unsettled.append(id)
    }

    /// An attempt has left its node: who waits for that waits for one less.
    mutating func victimLeft(_ attempt: AttemptID, _ node: NodeID) {
        for id in claimsOn[node] ?? [] { claims[id]!.victims.remove(attempt) }
    }

    /// Stops an attempt, so that its task is started again later. One that ends already is left to that.
    private mutating func preempt(
        _ victim: TaskRecord, for winner: TaskRecord, _ decision: inout Decision
    ) {
        var victim = victim
        guard victim.desired == .run, victim.state != .stopping, var attempt = victim.current,
            attempt.state != .ended, attempt.outcome == nil
        else { return }
        let isUnclear = victim.notBefore != nil
        attempt.outcome = .preempted
        victim.attempts[victim.attempts.count - 1] = attempt
        victim.state = .stopping
        victim.reason =
            "preempted by '\(winner.name)', whose priority is \(winner.spec.priority), not \(victim.spec.priority)"
        victim.notBefore = nil
        store(victim, &decision)
        places.markLeaving(attempt.id)
        decision.directives.append(halt(attempt, of: victim, isUnclear: isUnclear, nil))
    }

    /// Why a task waits whose place is being cleared; nil for another.
    func clearingReason(of id: TaskID) -> String? {
        guard let claim = claims[id], let node = nodes[claim.node] else { return nil }
        let count = claim.victims.count
        return
            "preempting \(count) \(count == 1 ? "task" : "tasks") of lower priority on node \(node.name), and waiting for \(count == 1 ? "it" : "them") to end"
    }
}
