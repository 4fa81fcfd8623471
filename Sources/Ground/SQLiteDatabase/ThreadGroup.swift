import Synchronization

/// The threads of a database, and what is left to do when the last of them ends.
final class ThreadGroup: Sendable {
    private struct State {
        var running = 0
        var writer: Connection?
        var readers: [Connection] = []
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let lock: Mutex<LockFile?>

    init(lock: consuming LockFile) { self.lock = Mutex(lock) }

    /// Runs `body` on a thread of its own, with a `connection` that is closed with the group.
    func start(
        _ name: String, _ connection: Connection, isWriter: Bool, _ body: @escaping @Sendable () -> Void
    ) -> Bool {
        state.withLock { state in
            state.running += 1
            if isWriter { state.writer = connection } else { state.readers.append(connection) }
        }
        let didStart = WorkerThread.start(name) {
            body()
            self.end()
        }
        if !didStart { end() }
        return didStart
    }

    /// Returns once all threads have ended and the files are closed.
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
        let waiters: [CheckedContinuation<Void, Never>]? = state.withLock { state in
            state.running -= 1
            guard state.running == 0 else { return nil }
            // The writer last: the last to close folds the WAL into the database, which a reader may not.
            state.readers = []
            state.writer = nil
            return state.waiters
        }
        guard let waiters else { return }
        lock.withLock { $0 = nil }
        for waiter in waiters { waiter.resume() }
    }
}
