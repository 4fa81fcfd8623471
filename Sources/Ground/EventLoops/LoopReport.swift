public import Core
import Synchronization

/// What a loop is doing.
public struct LoopReport: Hashable, Sendable {
    public var name: String
    public var turns: UInt64
    /// How long the current turn has lasted; nil while the loop waits for something to do.
    public var busyFor: Duration?
    /// The longest turn of the last one to two minutes.
    public var longestTurn: Duration
    /// Tasks that live on it.
    public var tasks: Int
    /// What other threads have sent and it has not taken yet.
    public var queued: Int
    /// How long it took to answer; nil where it did not within the time.
    public var lag: Duration?
    /// Descriptors and timers that it watches; nil where it did not answer.
    public var sources: Int?
    public var timers: Int?
}

/// What is known of a loop without asking it.
public struct LoopGlance: Hashable, Sendable {
    public var turns: UInt64
    public var longestTurn: Duration
    public var tasks: Int
    public var queued: Int
}

extension EventLoop {
    /// What is known without asking it: for metrics.
    public var glance: LoopGlance {
        let seen = activity.look(at: monotonicNanoseconds())
        return LoopGlance(
            turns: seen.turns, longestTurn: .nanoseconds(seen.longest), tasks: tasks.count, queued: mailCount)
    }

    private struct Answer: Sendable {
        var lag: Duration
        var sources: Int
        var timers: Int
    }

    /// What the loop is doing. Asks it, and waits for its answer no longer than `limit`: a loop that is stuck is what someone
    /// wants to know of.
    public func report(within limit: Duration, clock: any MonotonicClock) async -> LoopReport {
        // Before it is asked: answering is a turn of its own.
        let asked = monotonicNanoseconds()
        let seen = activity.look(at: asked)
        let queued = mailCount
        let answer = await ask(within: limit, clock: clock) { [unowned self] in
            let sources = self.sources
            return Answer(
                lag: .nanoseconds(monotonicNanoseconds() - asked), sources: sources.watched,
                timers: sources.timers)
        }
        return LoopReport(
            name: name, turns: seen.turns,
            busyFor: seen.turnStart == 0 ? nil : .nanoseconds(max(0, asked - seen.turnStart)),
            longestTurn: .nanoseconds(seen.longest), tasks: tasks.count, queued: queued, lag: answer?.lag,
            sources: answer?.sources, timers: answer?.timers)
    }

    /// What `body` returns on the loop's thread; nil where that takes longer than `limit`.
    package func ask<Value: Sendable>(
        within limit: Duration, clock: any MonotonicClock, _ body: @escaping @Sendable () -> Value
    ) async -> Value? {
        let shared = Shared<Value>()
        execute {
            let value = body()
            shared.result.withLock { $0 = value }
            shared.latch.open()
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await shared.latch.wait() }
            group.addTask {
                // Cancelled once the answer is there.
                try? await clock.sleep(for: limit)
                shared.latch.open()
            }
            await group.next()
            group.cancelAll()
        }
        return shared.result.withLock { $0 }
    }
}

private final class Shared<Value: Sendable>: Sendable {
    let latch = Latch()
    let result = Mutex<Value?>(nil)
}
