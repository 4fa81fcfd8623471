import DatabaseQueues
import Synchronization

/// The threads of a database with their connections, which are closed when the last of them ends.
final class ThreadGroup: Sendable {
    private let threads = WorkingThreads()
    private let connections = Mutex<[Connection]>([])
    private let lock: Mutex<LockFile?>

    init(lock: consuming LockFile) { self.lock = Mutex(lock) }

    /// Runs `body` with `connection` on a thread of its own. The group alone keeps the connection, and closes it in
    /// the end, the first one last.
    func start(
        _ name: String, _ connection: Connection, _ body: @escaping @Sendable (Connection) -> Void
    ) {
        let index = connections.withLock { connections in
            connections.append(connection)
            return connections.count - 1
        }
        threads.start(name, finish: { self.close() }) { body(self.connections.withLock { $0[index] }) }
    }

    /// Returns once all threads have ended and the files are closed.
    func ended() async { await threads.ended() }

    private func close() {
        // The first started, which writes, last: the last to close folds the WAL into the database, which a reader may not.
        connections.withLock { connections in while connections.popLast() != nil {} }
        lock.withLock { $0 = nil }
    }
}
