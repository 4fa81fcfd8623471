import ClusterModel
import Concurrency
import Core
import HealthDecisions
import Synchronization
import TaskDecisions
import TaskRuntimes

/// The probing of one attempt.
final class Probing: Sendable {
    /// Opened when the attempt has ended, or is to end.
    let end = Latch<Void>()
    /// What was told last; nil for nothing.
    let told = Mutex<HealthTracker.News?>(nil)
}

// Finding out whether attempts do their work.
extension Worker {
    /// Begins to probe an attempt that runs; for one that is probed already, tells again what is known of it.
    func probe(_ order: ProbeOrder, _ group: inout DiscardingTaskGroup) {
        let attempt = order.place.attempt
        // Its end was reported, and is on its way to the manager.
        guard watched.withLock({ $0.contains(attempt) }) else { return }
        let (probing, isNew) = probed.withLock { probed -> (Probing, Bool) in
            if let known = probed[attempt] { return (known, false) }
            let new = Probing()
            probed[attempt] = new
            return (new, true)
        }
        guard isNew else {
            if let news = probing.told.withLock({ $0 }) { tell(news, order.place) }
            return
        }
        group.addTask { await self.probe(order, until: probing) }
    }

    /// The attempt has ended or is to end: what its probes find then says nothing.
    func endProbing(_ attempt: AttemptID) {
        probed.withLock { $0.removeValue(forKey: attempt) }?.end.open()
    }

    private func tell(_ news: HealthTracker.News, _ place: AttemptPlace) {
        report(.attempt(.health(news.state, reason: news.reason), place.attempt, place.task))
    }

    private func probe(_ order: ProbeOrder, until probing: Probing) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.probeAgainAndAgain(order, probing) }
            // Ends by cancellation where the probes end first.
            group.addTask { _ = try? await probing.end.value() }
            await group.next()
            group.cancelAll()
        }
    }

    private func probeAgainAndAgain(_ order: ProbeOrder, _ probing: Probing) async {
        var tracker = HealthTracker(order.check, known: order.known, at: environment.clock.now)
        while let next = tracker.nextProbe, !Task.isCancelled {
            do {
                try await environment.clock.sleep(until: next)
            } catch {
                return  // Cancelled: the attempt or the worker ends.
            }
            let result = await probeOnce(order)
            guard !Task.isCancelled, !probing.end.isOpen else { return }
            guard let result else {
                tracker.skip(at: environment.clock.now)
                continue
            }
            guard let news = tracker.take(result, at: environment.clock.now) else { continue }
            probing.told.withLock { $0 = news }
            tell(news, order.place)
        }
    }

    /// Nil where nothing was found out of the task.
    private func probeOnce(_ order: ProbeOrder) async -> ProbeResult? {
        let limit = order.check.timeout.duration
        if let probe = order.check.exec { return await run(probe, in: order.place, within: limit) }
        guard let prober else { return ProbeResult(isGood: false, "this worker makes no probes") }
        if let probe = order.check.http {
            guard let target = await target(probe.port, order, prefersAddress: false) else {
                return Self.nowhere
            }
            return await prober.get(probe, at: target, within: limit)
        }
        if let probe = order.check.tcp {
            guard let target = await target(probe.port, order, prefersAddress: true) else {
                return Self.nowhere
            }
            return await prober.connect(to: target, within: limit)
        }
        return ProbeResult(isGood: false, "this worker knows no such check; it may be of an older version")
    }

    private static let nowhere = ProbeResult(isGood: false, "the port to probe is not known")

    private func target(
        _ port: UInt16?, _ order: ProbeOrder, prefersAddress: Bool
    ) async -> ProbeTarget? {
        // An engine that does not answer now is no fault of the task's: what is mapped is reached all the same.
        let address = try? await runtime(order.place.runtime).address(order.place.attempt)
        return ProbeTarget(port, of: order.ports, address: address ?? nil, prefersAddress: prefersAddress)
    }
}
