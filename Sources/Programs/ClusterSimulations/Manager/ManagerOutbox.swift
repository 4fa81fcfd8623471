import ClusterModel
import Core
import TaskDecisions

// Decisions go through one queue: a batch is stored, then acknowledged, then its directives go out. A crash may come between any
// two of these.
extension VirtualManager {
    func enqueue(
        _ decision: Decision, _ kind: OutboxEntry.Kind = .other, _ acknowledge: ((Bool) -> Void)? = nil
    ) {
        if decision.isEmpty, acknowledge == nil { return }
        note(decision)
        let entry = OutboxEntry(decision: decision, kind: kind, acknowledge: acknowledge)
        if !entry.isBeginning, !hasBeginnings || world.bug == .overtakesBeginnings {
            outbox.append(entry)
        } else {
            outbox += beginnings.take(entry, isUnhurried: entry.isBeginning)
            hasBeginnings = entry.isBeginning
        }
        if crashes(at: .decided) { return }
        if beginnings.needsTimer() {
            after(UnhurriedEntries<OutboxEntry>.patience.inMicroseconds) { [self] in
                outbox += beginnings.timeOut()
                hasBeginnings = false
                storeNext()
            }
        }
        storeNext()
    }

    private func note(_ decision: Decision) {
        for change in decision.changes {
            switch change {
            case .put(let record): world.note("\(record.name) \(record.state): \(record.reason)")
            case .delete(let task, _): world.note("\(task.text.suffix(5)) is forgotten")
            }
        }
        for case .launch(let launch, let node) in decision.directives {
            checkRoom(node)
            checkBackOff(launch)
        }
    }

    /// Nothing is promised that is not there.
    private func checkRoom(_ id: NodeID) {
        guard let node = core.nodes[id] else { return }
        let (taken, all) = (node.allocated, node.capacity)
        world.check(
            taken.cpuMillis <= all.cpuMillis && taken.memory <= all.memory && taken.gpus <= all.gpus
                && taken.disk <= all.disk && taken.tasks <= all.tasks, .oversold,
            "\(node.name) has \(all) and gives \(taken)")
    }

    private func storeNext() {
        guard !isStoring, !outbox.isEmpty else { return }
        isStoring = true
        let batch = unsaved.begin(outbox, voidsTooMuch: world.bug == .voidsTooMuch)
        outbox = []
        store(batch) { [self] outcome in
            switch outcome {
            case .stored:
                for entry in batch where isAlive { succeed(entry) }
                finishBatch()
            case .refused where batch.count == 1:
                fail(batch[0])
                finishBatch()
            case .refused: storeOneByOne(batch, 0)
            case .fenced: stepDown()
            }
        }
    }

    private func storeOneByOne(_ batch: [OutboxEntry], _ index: Int) {
        guard index < batch.count else { return finishBatch() }
        store([batch[index]]) { [self] outcome in
            switch outcome {
            case .stored: succeed(batch[index])
            case .refused: fail(batch[index])
            case .fenced: return stepDown()
            }
            if isAlive { storeOneByOne(batch, index + 1) }
        }
    }

    private func store(_ batch: [OutboxEntry], _ done: @escaping (VirtualStore.Outcome) -> Void) {
        if batch.count == 1, unsaved.changes.isEmpty, batch[0].decision.changes.isEmpty {
            return done(.stored)
        }
        if batch.count == 1, unsaved.changes.isEmpty, let write = onlyWrite(of: batch[0]) {
            return commit([write], done)
        }
        var changes = unsaved.changes
        for entry in batch {
            var key: String?
            if case .submission(_, let given) = entry.kind { key = given }
            for change in entry.decision.changes where !unsaved.isVoid(change.task) {
                changes[change.task] = Unsaved.Kept(
                    change: change, key: key ?? changes[change.task]?.key)
            }
        }
        guard !changes.isEmpty else { return done(.stored) }
        let sorted = changes.count == 1 ? Array(changes) : changes.sorted { $0.key < $1.key }
        commit(sorted.map { VirtualStore.Write($1.change, key: $1.key) }, done)
    }

    /// What there is to store of an entry that changes one task, as nearly all do.
    private func onlyWrite(of entry: OutboxEntry) -> VirtualStore.Write? {
        guard entry.decision.changes.count == 1, case let change = entry.decision.changes[0],
            !unsaved.isVoid(change.task)
        else { return nil }
        var key: String?
        if case .submission(_, let given) = entry.kind { key = given }
        return VirtualStore.Write(change, key: key)
    }

    private func commit(
        _ writes: [VirtualStore.Write], _ done: @escaping (VirtualStore.Outcome) -> Void
    ) {
        world.store.commit(writes, by: self) { [self] outcome in
            if case .stored = outcome {
                unsaved.areSaved()
                changed(writes)
                if crashes(at: .committed) { return }
            }
            done(outcome)
        }
    }

    private func succeed(_ entry: OutboxEntry) {
        unsaved.release(entry)
        switch entry.kind {
        case .submission(let id, _): stored(id)
        case .removal(let id): core.removed(id)
        case .other, .beginning, .retry: break
        }
        entry.acknowledge?(true)
        _ = entry.acknowledge != nil && crashes(at: .acknowledged)
    }

    private func stored(_ id: TaskID) {
        let waiters = storing.removeValue(forKey: id) ?? []
        for waiter in waiters { after(0, waiter) }
    }

    private func fail(_ entry: OutboxEntry) {
        switch entry.kind {
        case .submission(let id, _):
            unsaved.void(id)
            let decision = core.withdraw(id, at: civil)
            stored(id)
            enqueue(decision)
        case .removal(let id): core.keep(id)
        case .other, .beginning: unsaved.add(entry, actsUnstored: world.bug == .actsUnstored)
        case .retry: break
        }
        entry.acknowledge?(false)
    }

    private func finishBatch() {
        for directive in unsaved.takeDirectives() {
            guard isAlive else { return }
            dispatch(directive)
            if crashes(at: .sent) { return }
        }
        guard isAlive else { return }
        if unsaved.needsRetry() {
            after(Span.second) { [self] in
                outbox.append(OutboxEntry(decision: Decision(), kind: .retry))
                storeNext()
            }
        }
        isStoring = false
        storeNext()
    }

    private func dispatch(_ directive: Directive) {
        switch directive {
        case .wake(let task, let time): setAlarm(task, at: time)
        case .launch(_, let node): send(directive, to: node)
        case .stop(let place, let grace):
            if spares(place, grace) { return }
            send(directive, to: place.node)
        case .cancelLaunch(let place), .watch(let place), .remove(let place), .discard(let place):
            send(directive, to: place.node)
        case .probe(let order): send(directive, to: order.place.node)
        }
    }

    private func spares(_ place: AttemptPlace, _ grace: Duration) -> Bool {
        switch world.bug {
        case .sparesAtDeadline: grace == .zero && core.tasks[place.task]?.current?.outcome == .drained
        case .sparesVictims: core.tasks[place.task]?.current?.outcome == .preempted
        default: false
        }
    }

    private func send(_ directive: Directive, to node: NodeID) {
        // Without a connection it waits for the node to join.
        guard let session = connections[node] else { return }
        session.send(.down) { session.process.obey(directive, of: session) }
        if world.random.chance(session.machine.link.duplication) {
            session.send(.down) { session.process.obey(directive, of: session) }
        }
    }
}
