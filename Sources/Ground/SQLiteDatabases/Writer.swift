import Core
import DatabaseQueues
import Databases
import Synchronization

/// The one thread that writes. Whatever waits when it comes around shares one transaction and one sync of the disk.
struct Writer {
    let connection: Connection
    let queue: WorkQueue
    let clock: any MonotonicClock
    let batchLimit: Int
    let counters: Counters

    /// Works until the queue is closed and empty.
    func run() {
        while true {
            let taken = queue.take(atMost: batchLimit)
            guard !taken.isEmpty else { return }
            let now = clock.now
            var rest = taken.filter { $0.claim(at: now) }[...]
            let count = rest.count
            queue.running("a commit of \(count) \(count == 1 ? "write" : "writes")", since: now) {
                while !rest.isEmpty { commit(&rest) }
            }
        }
    }

    /// Runs the first of `operations`, normally all, as one transaction, and removes them.
    private func commit(_ operations: inout ArraySlice<Operation>) {
        do {
            try connection.control(.beginWriting)
        } catch {
            for operation in operations { operation.answer(failure: error) }
            operations = []
            return
        }
        var done: [Operation] = []
        var fatal: DatabaseError?
        while fatal == nil, let operation = operations.popFirst() {
            done.append(operation)
            fatal = performAlone(operation)
        }
        if fatal == nil {
            do {
                try connection.control(.commit)
            } catch {
                fatal = error
            }
        }
        if let fatal {
            // Some errors end the transaction by themselves; then there is nothing left to roll back. One that cannot be
            // rolled back stands in the way of the next, which fails with the reason.
            if !connection.handle.isIdle { try? connection.control(.rollback) }
            // What failed before failed for a reason of its own, and says so.
            for operation in done where operation.hasSucceeded { operation.fail(fatal) }
        }
        counters.commits.add(1, ordering: .relaxed)
        counters.writes.add(done.count, ordering: .relaxed)
        for operation in done { operation.answer() }
    }

    /// Runs `operation` so that it can be undone alone; returns the error that took down the whole transaction, if one
    /// did.
    private func performAlone(_ operation: Operation) -> DatabaseError? {
        do {
            try connection.control(.save)
            operation.perform(in: connection)
            if let failure = connection.failure {
                if operation.hasSucceeded { operation.fail(failure) }
                if connection.handle.isIdle { return failure }
            }
            if !operation.hasSucceeded { try connection.control(.undo) }
            try connection.control(.release)
            return nil
        } catch {
            operation.fail(error)
            return error
        }
    }
}
