import CApollo
import Core
import Glibc
import Synchronization

/// Runs an actor's jobs in order on one thread of its own.
///
/// An actor that makes blocking calls must not borrow a thread of the cooperative pool, which has only as many threads
/// as the machine has cores: a few such calls would stop everything. Return it as the actor's `unownedExecutor`.
/// Blocking calls that need no state of their own go to a ``BlockingPool``.
public final class ThreadExecutor: SerialExecutor, TaskExecutor, @unchecked Sendable {
    private enum Phase {
        case running
        /// The thread ends as soon as nothing is queued.
        case stopping
        case ended
    }

    private struct Queue {
        var jobs: [UnownedJob] = []
        var phase = Phase.running
        /// When the first of `jobs` came.
        var waitingSince = MonotonicInstant(nanoseconds: 0)
        /// How many of those that the thread took have not begun, and since when the first of them waited.
        var taken = 0
        var takenSince = MonotonicInstant(nanoseconds: 0)
        /// When the job that runs began.
        var runningSince: MonotonicInstant?
    }

    private let queue = Mutex(Queue())
    private let wake = Semaphore()
    private let name: String
    private let clock = LiveClock()

    /// Starts the thread, named `name` (at most 15 bytes, as the kernel has it).
    public init(name: String) {
        self.name = name
        startThread()
        BlockingWork.register(self)
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.withLock { queue in
            if queue.jobs.isEmpty { queue.waitingSince = clock.now }
            queue.jobs.append(job)
            // Before the lock is given back: who calls holds no reference (the executor of a job is unowned), and the thread may
            // run the job at once, which may hold the last one. Afterwards neither the executor nor its semaphore need be there.
            if queue.phase == .ended {
                // A job that comes after the end, such as a late continuation, gets a thread again: it would wait for ever.
                queue.phase = .stopping
                startThread()
            }
            if queue.jobs.count == 1 { wake.signal() }
        }
    }

    public func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    /// Lets the thread end once nothing is queued. Call it in the `deinit` of the actor that owns it.
    public func stop() {
        queue.withLock { if $0.phase == .running { $0.phase = .stopping } }
        wake.signal()
    }

    private func startThread() {
        OSThread.start(name: name) { self.run() }
    }

    private func run() {
        var batch: [UnownedJob] = []
        while true {
            wake.wait()
            let hasEnded = queue.withLock { queue in
                swap(&batch, &queue.jobs)
                queue.taken = batch.count
                queue.takenSince = queue.waitingSince
                guard queue.phase == .stopping, batch.isEmpty else { return false }
                queue.phase = .ended
                return true
            }
            if hasEnded { return }
            for job in batch {
                queue.withLock { queue in
                    queue.taken -= 1
                    queue.runningSince = clock.now
                }
                job.runSynchronously(
                    isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
            }
            batch.removeAll(keepingCapacity: true)
            queue.withLock { $0.runningSince = nil }
            // Jobs that came meanwhile have signalled; a stop that came before them may have been taken already.
            if queue.withLock({ $0.phase == .stopping && $0.jobs.isEmpty }) { wake.signal() }
        }
    }
}

extension ThreadExecutor: BlockingWorkSource {
    public func blockingReport() -> BlockingReport {
        let now = clock.now
        return queue.withLock { queue in
            let waiting = queue.taken + queue.jobs.count
            let since = queue.taken > 0 ? queue.takenSince : queue.waitingSince
            return BlockingReport(
                name: name, threads: queue.phase == .ended ? 0 : 1, waiting: waiting,
                oldestWait: waiting > 0 ? since.duration(to: now) : nil,
                running: queue.runningSince.map { [.init(what: nil, duration: $0.duration(to: now))] } ?? [])
        }
    }
}
