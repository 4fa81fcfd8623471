import Concurrency
import Synchronization

/// The threads of a database, and who waits for the last of them to end.
final class ThreadCount: Sendable {
    private struct State {
        var running = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func start(_ name: String, _ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.running += 1 }
        OSThread.start(name: name) {
            body()
            self.end()
        }
    }

    func ended() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.running > 0 { state.waiters.append(continuation) }
                return state.running == 0
            }
            if isOver { continuation.resume() }
        }
    }

    private func end() {
        let waiters = state.withLock { state in
            state.running -= 1
            return state.running == 0 ? state.waiters : []
        }
        for waiter in waiters { waiter.resume() }
    }
}
