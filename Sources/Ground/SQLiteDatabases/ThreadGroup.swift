import Concurrency
import Synchronization

/// The threads of a database, and what is left to do when the last of them ends.
final class ThreadGroup: Sendable {
    private struct State {
        var running = 0
        var connections: [Connection] = []
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let lock: Mutex<LockFile?>

    init(lock: consuming LockFile) { self.lock = Mutex(lock) }

    /// Runs `body` with `connection` on a thread of its own. The group alone keeps the connection, and closes it in
    /// the end, the first one last.
    func start(
        _ name: String, _ connection: Connection, _ body: @escaping @Sendable (Connection) -> Void
    ) {
        let index = state.withLock { state in
            state.running += 1
            state.connections.append(connection)
            return state.connections.count - 1
        }
        OSThread.start(name: name) {
            self.run(body, index)
            self.end()
        }
    }

    private func run(_ body: (Connection) -> Void, _ index: Int) {
        body(state.withLock { $0.connections[index] })
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
            // The first started, which writes, last: the last to close folds the WAL into the database, which a reader may not.
            while state.connections.popLast() != nil {}
            return state.waiters
        }
        guard let waiters else { return }
        lock.withLock { $0 = nil }
        for waiter in waiters { waiter.resume() }
    }
}
