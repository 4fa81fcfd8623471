import Core
import ImageModel
import Synchronization
import TaskRuntimes

/// Tells how far a pull is, at most five times a second.
final class PullProgressReport: Sendable {
    private struct State {
        var completed: Int64 = 0
        var lastReport: MonotonicInstant?
    }

    private let reference: ImageReference
    private let total: Int64
    private let clock: any MonotonicClock
    private let report: @Sendable (LaunchProgress) -> Void
    private let state = Mutex(State())

    init(
        _ reference: ImageReference, total: Int64, _ clock: any MonotonicClock,
        _ report: @escaping @Sendable (LaunchProgress) -> Void
    ) {
        self.reference = reference
        self.total = total
        self.clock = clock
        self.report = report
    }

    /// So many bytes more are here; fewer, where some were of no use.
    func add(_ count: Int64) {
        let now = clock.now
        let completed: Int64? = state.withLock { state in
            state.completed += count
            if let last = state.lastReport, last.duration(to: now) < .milliseconds(200) { return nil }
            state.lastReport = now
            return state.completed
        }
        guard let completed else { return }
        report(
            LaunchProgress(
                activity: "pulling \(reference)", completedBytes: completed, totalBytes: total))
    }
}
