import ClusterModel
import Concurrency
import Core
import Leases
import Managers
import NodeMessages
import NodePolls
import NodeServices
import RPCModel
import Synchronization
import TaskDecisions

// Carries out what the leases say.
extension NodeRegistry {
    /// Holds sessions and watches leases until cancelled.
    public func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.watchLeases() }
            // Throws only when cancelled.
            while let batch = try? await work.nextBatch() {
                for directive in batch {
                    switch directive {
                    case .connect(let registration):
                        let (holding, before) = replaceHolding(of: registration.node)
                        group.addTask { await self.hold(registration, holding, after: before) }
                    case .release(let node): release(node)
                    case .lose(let node): lose(node)
                    case .replace(let node, let delay): replace(node, delay)
                    }
                }
            }
            group.cancelAll()
        }
    }

    private func replaceHolding(of node: NodeID) -> (new: Holding, before: Holding?) {
        let holding = Holding()
        let before = state.withLock { state in
            defer { state.holdings[node] = holding }
            return state.holdings[node]
        }
        before?.released.set("its worker has started anew")
        return (holding, before)
    }

    private var lostReason: String { "no sign of life for \(settings.lease.short)" }

    private func release(_ node: NodeID) {
        // It stays for the one after it, which waits for its end.
        _ = state.withLock { $0.holdings[node] }?.released.set(lostReason)
    }

    /// Under the lock: a session that begins meanwhile comes before it, and voids it, or after it.
    private func lose(_ node: NodeID) {
        state.withLock { state in
            guard !state.leases.holds(node) else { return }
            let reason =
                state.problems[node].map { "not reached for \(settings.lease.short): \($0)" } ?? lostReason
            note("node '\(state.nodes[node]?.name ?? node.text)' is lost: \(reason)")
            let delays = manager.lose(node, because: reason)
            state.leases.schedule(node, after: delays, at: environment.clock.now)
        }
        _ = changes.send(())  // A full mailbox says so already.
    }

    private func replace(_ node: NodeID, _ delay: Duration) {
        state.withLock { state in
            if !state.leases.holds(node) { manager.replace(node, lostFor: delay) }
        }
    }

    private func watchLeases() async {
        while !Task.isCancelled {
            let (lapsed, next) = state.withLock { state in
                (state.leases.expire(at: environment.clock.now), state.leases.nextExpiry)
            }
            for directive in lapsed where !work.send(directive) {
                note("too much is to be done about nodes; a lost one may be told late")
            }
            do {
                try await changes.takeSignals(until: next, clock: environment.clock)
            } catch {
                return  // Cancelled: the registry ends.
            }
        }
    }

    /// Holds a session with a worker, again and again, until it is released.
    private func hold(
        _ registration: LeaseTable.Registration, _ holding: Holding, after before: Holding?
    ) async {
        defer { holding.ended.open() }
        // Cancelled while it waits: the registry ends.
        if let before, (try? await before.ended.wait()) == nil { return }
        var backoff = Backoff(base: .milliseconds(100), cap: .seconds(2))
        var failures = 0
        while holding.released.current == nil, !Task.isCancelled {
            let joined = Latch<Void>()
            let reason = await session(registration, holding, joined)
            if Task.isCancelled { return }
            if holding.released.current != nil { break }
            if joined.isOpen {
                backoff.reset()
                failures = 0
            }
            failures += 1
            // The 1st, 2nd, 4th, 8th … failure, for a machine may be away for long.
            if failures & (failures - 1) == 0 {
                note("no session with node '\(registration.name)' (try \(failures)): \(reason); trying again")
            }
            let now = environment.clock.now
            state.withLock { state in
                state.problems[registration.node] = reason
                state.leases.disconnected(registration.node, at: now)
            }
            manager.leave(registration.node, because: "not reached: \(reason)")
            let wait = backoff.next(random: environment.random) ?? .zero
            await until(released: holding) { try await self.environment.clock.sleep(for: wait) }
        }
        // It may just have joined when it was released.
        guard let reason = holding.released.current else { return }
        let now = environment.clock.now
        state.withLock { $0.leases.disconnected(registration.node, at: now) }
        manager.leave(registration.node, because: reason)
    }

    /// One session; returns why it ended.
    private func session(
        _ registration: LeaseTable.Registration, _ holding: Holding, _ joined: Latch<Void>
    ) async -> String {
        let (node, ahead) = state.withLock { state in
            (state.nodes[registration.node], state.clockAhead[registration.node] ?? .zero)
        }
        guard let node else { return "it is not registered" }
        let failure = await until(released: holding) {
            let calls = try self.dial(registration.name, registration.host, registration.port)
            let worker = RemoteWorker(
                node, calls: calls, epoch: self.settings.epoch,
                settings: RemoteWorker.Settings(
                    heartbeat: RPCHeartbeat(every: self.settings.heartbeat), lease: self.settings.lease,
                    clockAhead: abs(ahead.inSeconds) < 2 ? .zero : ahead)
            ) { self.manager.receive($0, from: registration.node) }
            try await self.answering(for: worker) {
                try await worker.run(services: self.services?()) {
                    // Before it joins: what is decided of its loss from now on is void.
                    self.state.withLock { state in
                        state.problems[registration.node] = nil
                        state.leases.connected(registration.node, at: self.environment.clock.now)
                    }
                    await self.manager.join(worker)
                    joined.open()
                }
            }
        }
        return failure.map { RPCStatus.failure($0).message } ?? "it is over"
    }

    /// Runs `body`, and meanwhile has the worker asked what it is busy with as if it answered on the bus.
    private func answering(for worker: RemoteWorker, _ body: () async throws -> Void) async throws {
        guard let bus else { return try await body() }
        let responder = MetricsResponder(
            worker.node, on: bus, environment: environment, read: { try await worker.metrics() }, note: note)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await responder.run() }
            defer { group.cancelAll() }
            try await body()
        }
    }

    /// Runs `body` until it is done, or the session is released; returns what it threw.
    @discardableResult
    private func until(
        released holding: Holding, _ body: @escaping @Sendable () async throws -> Void
    ) async -> (any Error)? {
        await withTaskGroup(of: (any Error)?.self) { group in
            group.addTask {
                do {
                    try await body()
                    return nil
                } catch { return error }
            }
            group.addTask {
                // Ends with the body, by cancellation.
                _ = try? await holding.released.value()
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }
}
