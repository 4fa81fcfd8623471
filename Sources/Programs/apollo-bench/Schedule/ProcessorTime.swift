import Glibc

/// The time this thread has computed: what a computation that never waits takes on a machine of its own, whoever else is busy.
enum ProcessorTime {
    /// In seconds.
    static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
