import Core
import DatabaseQueues
import Databases
import Glibc
import Synchronization

/// The one thread that writes. Whatever waits when it comes around shares one transaction and one sync of the server's disk.
///
/// One, because a write's body runs once and alone: writes side by side would have to be run again when they meet. And those of
/// other programs wait in the server, by a lock that each transaction takes.
struct Writer {
    let session: Session
    let connector: Connector
    let queue: WorkQueue
    let clock: any MonotonicClock
    let options: PostgreSQLOptions
    let counters: Counters

    /// Works until the queue is closed and empty.
    func run() {
        session.prepareToWait = { [clock, options] link in
            link.deadline = clock.now.advanced(by: options.responseLimit)
        }
        while true {
            let taken = queue.take(atMost: max(1, options.batchLimit))
            guard !taken.isEmpty else { break }
            let now = clock.now
            var rest = taken.filter { $0.claim(at: now) }[...]
            let count = rest.count
            queue.running("a commit of \(count) \(count == 1 ? "write" : "writes")", since: now) {
                while !rest.isEmpty { commit(&rest) }
            }
        }
        session.disconnect()
    }

    /// Runs the first of `operations`, normally all, as one transaction, and removes them.
    private func commit(_ operations: inout ArraySlice<Operation>) {
        // One that is alone needs no savepoint: the transaction is undone with it.
        let isGroup = operations.count > 1
        session.beginWriting()
        var done: [Operation] = []
        var fatal: DatabaseError?
        while fatal == nil, let operation = operations.popFirst() {
            done.append(operation)
            fatal = perform(operation, inGroup: isGroup)
        }
        if fatal == nil, done.contains(where: \.hasSucceeded) {
            do throws(DatabaseError) {
                try commit()
            } catch {
                fatal = error
            }
        } else {
            session.rollback()
        }
        if let fatal {
            // What failed before failed for a reason of its own, and says so.
            for operation in done where operation.hasSucceeded { operation.fail(fatal) }
        }
        counters.commits.add(1, ordering: .relaxed)
        counters.writes.add(done.count, ordering: .relaxed)
        for operation in done { operation.answer() }
    }

    /// Runs `operation`, so that it can be undone alone if others share its transaction; returns the error that took down all of
    /// it, if one did.
    private func perform(_ operation: Operation, inGroup: Bool) -> DatabaseError? {
        if inGroup { session.save() }
        operation.perform(in: session)
        if let failure = session.failure {
            if operation.hasSucceeded { operation.fail(failure) }
            if session.isBroken { return failure }
        }
        if inGroup { session.release(keeping: operation.hasSucceeded) }
        return nil
    }

    private func commit() throws(DatabaseError) {
        let (number, identity) = (session.number, session.identity)
        do throws(DatabaseError) {
            try session.commit()
        } catch {
            guard session.isInDoubt, let number else { throw error }
            try settle(number, identity, after: error)
        }
    }

    /// The answer to the commit of transaction `number` was lost with the connection. The server knows what became of it and is
    /// asked as soon as it answers again; returns if it was committed.
    private func settle(_ number: String, _ identity: String?, after loss: DatabaseError)
        throws(DatabaseError)
    {
        session.disconnect()
        let end = clock.now.advanced(by: options.doubtLimit)
        while clock.now < end {
            do throws(DatabaseError) {
                switch try connector.outcome(of: number, on: identity) {
                case .committed: return
                case .undone:
                    throw DatabaseError(
                        .unavailable, "\(loss.message); the change was not made", hint: loss.hint)
                case .underway: break
                case .unknown: throw unknown(loss)
                }
            } catch {
                // Away still; what is decided goes on.
                if error.kind != .unavailable || error.message.hasPrefix(loss.message) { throw error }
            }
            // lint:allow sleeping on the thread that writes, which has nothing else to do
            usleep(50_000)
        }
        throw unknown(loss)
    }

    private func unknown(_ loss: DatabaseError) -> DatabaseError {
        DatabaseError(
            .unavailable, "\(loss.message); whether the change was made is not known", hint: loss.hint)
    }
}
