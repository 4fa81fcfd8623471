import Synchronization

/// A state that changes, of which watchers want the latest and not every step.
///
/// Each change has a revision, from 1 on. A watcher says which revision it has seen and gets the newest one after it: a slow
/// watcher skips states and needs no queue.
public final class Watch<State: Sendable>: Sendable {
    /// A state and its revision.
    public struct Snapshot: Sendable {
        public var revision: UInt64
        public var state: State
    }

    private typealias Waiter = UnsafeContinuation<Void, any Error>

    private struct Content {
        var latest: Snapshot
        var waiters = WaitList<Waiter>()
        var isFinished = false
    }

    private let content: Mutex<Content>

    public init(_ state: State) {
        content = Mutex(Content(latest: Snapshot(revision: 1, state: state)))
    }

    /// The newest state.
    public var latest: Snapshot { content.withLock { $0.latest } }

    /// Replaces the state and wakes the watchers. After ``finish()`` nothing changes any more.
    public func set(_ state: State) {
        update { $0 = state }
    }

    /// Changes the state under the lock and wakes the watchers; keep it short. Returns what `change` returns.
    @discardableResult
    public func update<Result: Sendable>(_ change: (inout State) -> Result) -> Result {
        let (result, waiters) = content.withLock { content in
            var state = content.latest.state
            let result = change(&state)
            guard !content.isFinished else { return (result, [Waiter]()) }
            content.latest = Snapshot(revision: content.latest.revision + 1, state: state)
            return (result, content.waiters.takeAll())
        }
        for waiter in waiters { waiter.resume() }
        return result
    }

    /// Says that no change will come: watchers who have seen the newest state get nil.
    public func finish() {
        let waiters = content.withLock { content in
            content.isFinished = true
            return content.waiters.takeAll()
        }
        for waiter in waiters { waiter.resume() }
    }

    /// The newest state as soon as its revision is above `revision`; nil once the watch is finished and there is none.
    /// Throws `CancellationError` when cancelled while it waits.
    public func next(after revision: UInt64) async throws -> Snapshot? {
        while true {
            let (latest, isFinished, id) = content.withLock {
                ($0.latest, $0.isFinished, $0.waiters.makeID())
            }
            if latest.revision > revision { return latest }
            if isFinished { return nil }
            try await waitForChange(after: revision, id: id)
        }
    }

    /// The first state, from the current one on, that `isWanted`; nil if the watch is finished before.
    public func first(where isWanted: (State) -> Bool) async throws -> Snapshot? {
        var seen: UInt64 = 0
        while let snapshot = try await next(after: seen) {
            if isWanted(snapshot.state) { return snapshot }
            seen = snapshot.revision
        }
        return nil
    }

    private func waitForChange(after revision: UInt64, id: UInt64) async throws {
        try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                let (waits, isCancelled) = content.withLock { content in
                    // Asked under the lock: a cancellation that comes later finds the waiter.
                    let isCancelled = Task.isCancelled
                    guard !isCancelled, !content.isFinished, content.latest.revision <= revision else {
                        return (false, isCancelled)
                    }
                    content.waiters.append(continuation, id: id)
                    return (true, false)
                }
                if waits { return }
                if isCancelled {
                    continuation.resume(throwing: CancellationError())
                } else {
                    continuation.resume()
                }
            }
        } onCancel: {
            content.withLock { $0.waiters.remove(id: id) }?.resume(throwing: CancellationError())
        }
    }
}
