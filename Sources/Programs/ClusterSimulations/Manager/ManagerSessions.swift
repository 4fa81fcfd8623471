import ClusterModel
import Core
import Leases
import TaskDecisions
import Workers

// How a node joins and what it reports, as `NodeServices/RemoteWorker` and `Managers/Manager` do it.
extension VirtualManager {
    /// The worker has answered the hello: asks it for what the machine has, then takes the node in.
    func welcomed(_ session: Session) {
        leases.connected(session.machine.id, at: instant)
        armLeases()
        ask(session) { process in
            process.list()
        } then: { [self] found in
            ask(session) { process in
                process.machine.describe()
            } then: { [self] node in
                join(session, node, found)
            }
        }
    }

    /// A call beside the session. What it is not told, the next session asks again.
    private func ask<Value>(
        _ session: Session, _ question: @escaping (WorkerProcess) -> Value,
        then: @escaping (Value) -> Void
    ) {
        let machine = session.machine
        world.after(machine.link.delay(&world.random)) { [self] in
            guard machine.link.carries(.down), machine.isUp else { return }
            session.process.perform { [self] in
                guard session.isOpen[1] else { return }
                let answer = question(session.process)
                world.after(machine.link.delay(&world.random)) { [self] in
                    guard machine.link.carries(.up) else { return }
                    perform { if session.isOpen[0] { then(answer) } }
                }
            }
        }
    }

    private func join(_ session: Session, _ node: Node, _ found: [RuntimeKind: [FoundAttempt]]) {
        let machine = session.machine
        let ahead = shift(of: machine.id)
        var found = found.mapValues { $0.shifted(by: .zero - ahead) }
        if world.bug == .forgetsAdoption { found = found.mapValues { _ in [] } }
        world.note("\(machine.name) joins manager \(epoch) with \(found.mapValues(\.count))")
        connections[machine.id] = session
        session.holding.failures = 0
        core.express(drains, at: civil, instant)
        var decision = core.join(node, found: found, at: civil)
        if world.bug == .losesStops {
            decision.directives.removeAll { if case .stop = $0 { true } else { false } }
        }
        enqueue(decision)
        guard isAlive else { return }
        nodesChanged()
        guard let described = core.description(of: machine.id) else { return }
        let stored = VirtualStore.StoredNode(node: described, orders: core.orders(of: machine.id))
        world.store.commit([.node(machine.id, stored)], by: self) { [self] outcome in
            if case .fenced = outcome { return stepDown() }
            session.isJoined = true
            let held = session.held
            session.held = []
            for report in held where isAlive { receive(report, in: session) }
        }
    }

    /// How far a machine's clock is ahead, as far as that is worth putting right.
    private func shift(of node: NodeID) -> Duration {
        let ahead = clockAhead[node] ?? .zero
        return abs(ahead.inMicroseconds) < 2 * Span.second ? .zero : ahead
    }

    func receive(_ report: NodeReport, in session: Session) {
        guard session.isJoined else { return session.held.append(report) }
        let node = session.machine.id
        let ahead = shift(of: node)
        switch report {
        case .attempt(let event, let attempt, let task):
            if world.bug == .ignoresHealth, case .health(.unhealthy, _) = event { return }
            let event = event.shifted(by: .zero - ahead)
            let before = core.tasks[task]
            let decision = core.observe(event, of: attempt, task: task, at: civil)
            if let before { noteBackOff(before, event) }
            enqueue(decision, decision.isBeginning(after: event) ? .beginning : .other)
            if world.bug == .freesTwice, case .exited = event { freeAgain(task, on: node) }
        case .runtimes(let runtimes):
            jobs.nodes = nil
            enqueue(core.update(node, runtimes: runtimes, at: civil))
        case .gpus(let gpus): enqueue(core.update(node, gpus: gpus, at: civil))
        case .attempts(let found, let runtime):
            enqueue(
                core.settle(node, runtime, found: found.shifted(by: .zero - ahead), at: civil))
        case .progress, .problem: break
        }
    }

    /// What a double release comes to: the node seems to have more than it has.
    private func freeAgain(_ task: TaskID, on id: NodeID) {
        guard isAlive, world.random.chance(0.3), var node = core.description(of: id),
            let resources = core.tasks[task]?.spec.resources
        else { return }
        node.capacity.cpuMillis += resources.cpuMillis ?? 0
        node.capacity.memory.bytes += resources.memory?.bytes ?? 0
        let running = core.tasks.values.compactMap { record -> FoundAttempt? in
            guard let attempt = record.current, attempt.node == id, attempt.state == .running else {
                return nil
            }
            return FoundAttempt(
                attempt: attempt.id, task: record.id, runtime: record.spec.runtime,
                startedAt: attempt.startedAt ?? civil)
        }
        let found = Dictionary(grouping: running.sorted { $0.attempt < $1.attempt }, by: \.runtime)
        enqueue(
            core.join(
                node,
                found: Dictionary(
                    uniqueKeysWithValues: RuntimeKind.allCases.map { ($0, found[$0] ?? []) }), at: civil))
    }
}

// Times by a clock that is ahead of the manager's, by the manager's own.
extension AttemptEvent {
    fileprivate func shifted(by difference: Duration) -> AttemptEvent {
        guard difference != .zero else { return self }
        return switch self {
        case .started(let time, let ports, let warnings):
            .started(at: time.advanced(by: difference), ports: ports, warnings: warnings)
        case .exited(let code, let time, let reason):
            .exited(code: code, at: time.advanced(by: difference), reason: reason)
        default: self
        }
    }
}

extension [FoundAttempt] {
    fileprivate func shifted(by difference: Duration) -> [FoundAttempt] {
        difference == .zero ? self : map { $0.shifted(by: difference) }
    }
}

extension FoundAttempt {
    fileprivate func shifted(by difference: Duration) -> FoundAttempt {
        var shifted = self
        shifted.startedAt = startedAt.advanced(by: difference)
        shifted.exit?.endedAt = exit!.endedAt.advanced(by: difference)
        return shifted
    }
}
