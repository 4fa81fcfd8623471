import Core
import DatabaseQueues
import Databases
import Synchronization

/// One of the threads that read, each with a connection of its own. A read is one view of what is committed, and waits for no
/// writer.
struct Reader {
    let session: Session
    let queue: WorkQueue
    let clock: any MonotonicClock
    let timeLimit: Duration
    let counters: Counters

    /// Works until the queue is closed and empty.
    func run() {
        while let operation = queue.take(atMost: 1).first {
            let now = clock.now
            guard operation.claim(at: now) else { continue }
            let end = now.advanced(by: timeLimit)
            session.prepareToWait = { link in
                link.deadline = end
                link.mustStop = { operation.isCancelled }
            }
            queue.running("a read", since: now) { perform(operation) }
            counters.reads.add(1, ordering: .relaxed)
            operation.answer()
        }
        session.disconnect()
    }

    private func perform(_ operation: Operation) {
        session.beginReading()
        operation.perform(in: session)
        if let failure = session.failure, operation.hasSucceeded { operation.fail(failure) }
        session.rollback()
        guard operation.isCancelled, !operation.hasSucceeded else { return }
        operation.fail(CancellationError())
    }
}
