import ClusterModel
import Core
import Leases
import TaskDecisions
import Workers

/// A session that is held, or tried for, until it is released.
final class Holding {
    let registration: LeaseTable.Registration
    var session: Session?
    var isReleased = false
    var isOver = false
    /// Tries since the last that joined.
    var failures: Int64 = 0
    /// The one after it waits for its end.
    var next: (() -> Void)?

    init(_ registration: LeaseTable.Registration) { self.registration = registration }
}

// Leases and sessions, as `Registries/NodeRegistry` keeps them.
extension VirtualManager {
    /// A worker registers or renews its lease; whether it is granted, nil for no answer.
    func register(_ registration: LeaseTable.Registration, civil time: Timestamp) -> Bool? {
        guard isOpen, leads else { return nil }
        let answer: LeaseTable.Answer
        do throws(LeaseTable.Refusal) {
            answer = try leases.register(registration, at: instant)
        } catch {
            return nil
        }
        clockAhead[registration.node] = civil.duration(to: time)
        for directive in answer.directives { after(0) { [self] in obey(directive) } }
        // A lease that goes on lapses later than before: then it has been looked to.
        if !answer.directives.isEmpty || leaseTimer == nil { armLeases() }
        return answer.isGranted
    }

    /// Looks at the leases when the first of them lapses.
    func armLeases() {
        guard let next = lent(&leases, { $0.nextExpiry }) else { return }
        if let leaseTimer, leaseTimer <= next, leaseTimer > instant { return }
        leaseTimer = next
        let left = (next.nanoseconds - instant.nanoseconds) / 1000 + 1
        after(max(left, 1)) { [self] in
            guard leaseTimer == next else { return }
            leaseTimer = nil
            for directive in leases.expire(at: instant) { obey(directive) }
            armLeases()
        }
    }

    private func obey(_ directive: LeaseTable.Directive) {
        guard isAlive else { return }
        switch directive {
        case .connect(let registration): connect(registration)
        case .release(let node): release(holdings[node])
        case .lose(let node): lose(node)
        case .replace(let node, let delay):
            if !leases.holds(node) { enqueue(core.replace(node, lostFor: delay, at: civil)) }
        }
    }

    private func lose(_ node: NodeID) {
        guard !leases.holds(node) else { return }
        world.note("manager \(epoch) loses \(world.machine(node).name)")
        world.counts.losses += 1
        connections[node] = nil
        let (decision, delays) = core.lose(node, because: "no sign of life", at: civil)
        enqueue(decision)
        guard isAlive else { return }
        if world.bug == .lapsesWithoutGrace {
            enqueue(core.replace(node, lostFor: .seconds(1_000_000), at: civil))
        } else {
            leases.schedule(node, after: delays, at: instant)
        }
        armLeases()
        nodesChanged()
    }

    // MARK: Sessions

    private func connect(_ registration: LeaseTable.Registration) {
        let holding = Holding(registration)
        let before = holdings[registration.node]
        holdings[registration.node] = holding
        guard let before, !before.isOver else { return hold(holding) }
        before.next = { [self] in hold(holding) }
        release(before)
    }

    private func release(_ holding: Holding?) {
        guard let holding, !holding.isReleased else { return }
        holding.isReleased = true
        // With a session its end comes first; between two there is nothing to wait for.
        if let session = holding.session { session.close(.up, "released") } else { finish(holding) }
    }

    private func finish(_ holding: Holding) {
        guard !holding.isOver else { return }
        holding.isOver = true
        leave(holding.registration.node, "no sign of life")
        holding.next?()
        holding.next = nil
    }

    private func leave(_ node: NodeID, _ reason: String) {
        leases.disconnected(node, at: instant)
        connections[node] = nil
        enqueue(core.disconnect(node, because: reason, at: civil))
        nodesChanged()
    }

    private func hold(_ holding: Holding) {
        guard isAlive else { return }
        guard !holding.isReleased else { return finish(holding) }
        let machine = world.machine(holding.registration.node)
        guard machine.isUp, let process = machine.process else {
            return after(world.random.number(1000...Span.second)) { [self] in again(holding, "refused") }
        }
        let session = Session(self, machine, process, holding)
        holding.session = session
        machine.add(session)
        session.send(.down) { process.greet(session) }
        for direction in [Link.Direction.up, .down] where !machine.link.carries(direction) {
            session.watch(direction)
        }
        after(20 * Span.second) { if !session.isJoined { session.close(.up, "no answer") } }
    }

    private func again(_ holding: Holding, _ reason: String) {
        guard !holding.isReleased else { return finish(holding) }
        leave(holding.registration.node, reason)
        guard isAlive else { return }
        let wait = min(100_000 << min(holding.failures, 5), 2 * Span.second)
        holding.failures += 1
        after(world.random.number(wait / 2...wait)) { [self] in
            if holding.session == nil, !holding.isOver { hold(holding) }
        }
    }

    /// A session is over at this end.
    func ended(_ session: Session, _ reason: String) {
        guard isAlive else { return }
        world.note("session of manager \(epoch) with \(session.machine.name) ends: \(reason)")
        session.holding.session = nil
        again(session.holding, reason)
    }
}
