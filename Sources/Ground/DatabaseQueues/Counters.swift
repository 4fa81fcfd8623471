package import Databases
package import Synchronization

/// What was done so far.
package final class Counters: Sendable {
    package let writes = Atomic<Int>(0)
    package let commits = Atomic<Int>(0)
    package let reads = Atomic<Int>(0)

    package init() {}

    package func statistics(waitingWrites: Int, waitingReads: Int) -> DatabaseStatistics {
        DatabaseStatistics(
            writes: writes.load(ordering: .relaxed), commits: commits.load(ordering: .relaxed),
            reads: reads.load(ordering: .relaxed), waitingWrites: waitingWrites, waitingReads: waitingReads)
    }
}
