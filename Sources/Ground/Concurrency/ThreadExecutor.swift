import CApollo
import Glibc
import Synchronization

/// Runs an actor's jobs in order on one thread of its own.
///
/// An actor that makes blocking calls must not borrow a thread of the cooperative pool, which has only as many threads
/// as the machine has cores: a few such calls would stop everything. Return it as the actor's `unownedExecutor`.
public final class ThreadExecutor: SerialExecutor, TaskExecutor, @unchecked Sendable {
    private struct Queue {
        var jobs: [UnownedJob] = []
        var isStopped = false
    }

    private let queue = Mutex(Queue())
    // A semaphore of the C library: posting is one atomic operation while the thread is awake.
    private let wake: UnsafeMutablePointer<sem_t>
    private let name: String

    /// Starts the thread, named `name` (at most 15 bytes, as the kernel has it).
    public init(name: String) {
        self.name = String(name.prefix(15))
        wake = .allocate(capacity: 1)
        sem_init(wake, 0, 0)
        let retained = Unmanaged.passRetained(self).toOpaque()
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { argument in
                let executor = Unmanaged<ThreadExecutor>.fromOpaque(argument!).takeRetainedValue()
                executor.run()
                return nil
            }, retained)
        precondition(result == 0, "cannot start the thread '\(name)': \(String(cString: strerror(result)))")
        pthread_detach(thread)
    }

    deinit {
        sem_destroy(wake)
        wake.deallocate()
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let wasEmpty = queue.withLock { queue in
            queue.jobs.append(job)
            return queue.jobs.count == 1
        }
        if wasEmpty { sem_post(wake) }
    }

    public func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    /// Lets the thread end once the jobs already queued have run. Jobs that come later never run: stop it last, in the
    /// `deinit` of the actor that owns it.
    public func stop() {
        queue.withLock { $0.isStopped = true }
        sem_post(wake)
    }

    private func run() {
        capollo_set_thread_name(name)
        var batch: [UnownedJob] = []
        while true {
            while sem_wait(wake) != 0 {}  // EINTR
            let isStopped = queue.withLock { queue in
                swap(&batch, &queue.jobs)
                return queue.isStopped
            }
            for job in batch {
                job.runSynchronously(
                    isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
            }
            batch.removeAll(keepingCapacity: true)
            if isStopped { return }
        }
    }
}
