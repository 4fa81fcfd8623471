import CApollo
import Glibc

/// Threads of the operating system, for the few places that need one of their own.
public enum OSThread {
    private final class Start {
        let name: String
        let body: () -> Void
        init(name: String, body: @escaping () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Starts a detached thread that runs `body` once. The kernel keeps 15 bytes of the name.
    ///
    /// A process that can have no more threads cannot do its work: that stops the program with a message.
    public static func start(name: String, _ body: @escaping @Sendable () -> Void) {
        let start = Unmanaged.passRetained(Start(name: String(name.prefix(15)), body: body)).toOpaque()
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { argument in
                let start = Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
                capollo_set_thread_name(start.name)
                start.body()
                return nil
            }, start)
        precondition(
            result == 0,
            "cannot start the thread '\(name)': \(String(cString: strerror(result))); "
                + "raise the limit on processes (ulimit -u) or the cgroup's pids.max")
        pthread_detach(thread)
    }
}

/// A semaphore of the C library: signalling is one atomic operation while the waiting thread is awake.
package final class Semaphore: @unchecked Sendable {
    // On the heap, since its address is its identity (sem_init(3)).
    private let semaphore: UnsafeMutablePointer<sem_t>

    package init() {
        semaphore = .allocate(capacity: 1)
        let result = sem_init(semaphore, 0, 0)
        precondition(result == 0, "sem_init: \(String(cString: strerror(errno)))")
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    /// Wakes one waiter. The caller must hold the semaphore, or the lock that its last holder takes before letting go: what a
    /// signal finds where a semaphore was makes the C library end the program ("The futex facility returned an unexpected
    /// error code").
    package func signal() { sem_post(semaphore) }

    package func wait() {
        while sem_wait(semaphore) != 0 {}  // EINTR
    }

    /// Returns at a signal, or when `CLOCK_MONOTONIC` reaches `deadline`, in nanoseconds.
    package func wait(until deadline: Int64) {
        while capollo_semaphore_wait_until(semaphore, deadline) != 0, errno == EINTR {}
    }
}
