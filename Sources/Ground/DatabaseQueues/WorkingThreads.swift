import Concurrency
import Synchronization

/// The threads of a database, and who waits for the last of them to end.
public final class WorkingThreads: Sendable {
    private struct State {
        var running = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    public init() {}

    /// Runs `body` on a thread of its own. The last one to end calls its `finish` before anyone who waits goes on.
    public func start(
        _ name: String, finish: @escaping @Sendable () -> Void = {}, _ body: @escaping @Sendable () -> Void
    ) {
        state.withLock { $0.running += 1 }
        OSThread.start(name: name) {
            body()
            self.end(finish)
        }
    }

    /// Returns once all threads have ended.
    public func ended() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.running > 0 { state.waiters.append(continuation) }
                return state.running == 0
            }
            if isOver { continuation.resume() }
        }
    }

    private func end(_ finish: () -> Void) {
        let waiters: [CheckedContinuation<Void, Never>] = state.withLock { state in
            state.running -= 1
            guard state.running == 0 else { return [] }
            finish()
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
