import CSQLite
import Core
import DatabaseQueues
import Databases
import Synchronization

/// One of the threads that read, each with a connection of its own: WAL lets it see what is committed while the writer
/// writes.
final class Reader: @unchecked Sendable {
    private let connection: Connection
    private let queue: WorkQueue
    private let clock: any MonotonicClock
    private let timeLimit: Duration
    private let counters: Counters
    /// What runs now, for the handler that may stop it; used on the one thread only.
    private var current: Operation?
    private var end = MonotonicInstant(nanoseconds: .max)

    init(
        _ connection: Connection, queue: WorkQueue, clock: any MonotonicClock, timeLimit: Duration,
        counters: Counters
    ) {
        self.connection = connection
        self.queue = queue
        self.clock = clock
        self.timeLimit = timeLimit
        self.counters = counters
    }

    /// Works until the queue is closed and empty.
    func run() {
        connection.handle.setProgressHandler(context: Unmanaged.passUnretained(self).toOpaque()) { context in
            Unmanaged<Reader>.fromOpaque(context!).takeUnretainedValue().mustStop ? 1 : 0
        }
        while let operation = queue.take(atMost: 1).first {
            let now = clock.now
            guard operation.claim(at: now) else { continue }
            current = operation
            end = now.advanced(by: timeLimit)
            queue.running("a read", since: now) { perform(operation) }
            current = nil
            counters.reads.add(1, ordering: .relaxed)
            operation.answer()
        }
        connection.handle.removeProgressHandler()
    }

    private var mustStop: Bool { current?.isCancelled ?? false || clock.now > end }

    private func perform(_ operation: Operation) {
        connection.read(operation)
        guard operation.isCancelled, !operation.hasSucceeded else { return }
        operation.fail(CancellationError())
    }
}
