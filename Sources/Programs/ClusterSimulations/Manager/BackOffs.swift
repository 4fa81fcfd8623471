import ClusterModel
import Core
import TaskDecisions

/// A wait that was begun by one life of a manager, and when it may be over at the earliest.
struct BackOff {
    var until: Int64
    /// How the clock was then: one that is set meanwhile may end waits early.
    var civilError: Int64
}

// What ended by itself is tried again after the wait its policy says, which grows while it fails in a row. Counted here by the
// policy alone, and not by what the core says.
extension VirtualManager {
    func noteBackOff(_ before: TaskRecord, _ event: AttemptEvent) {
        guard case .exited(.some(_), let endedAt, _) = event, let attempt = before.current,
            attempt.state == .running, before.state == .running, before.desired == .run,
            core.tasks[before.id]?.state == .pending
        else { return }
        let policy = before.spec.restart
        let ran = (attempt.startedAt ?? endedAt).duration(to: endedAt)
        let isInRow = ran < (policy.window ?? policy.maximumWait).duration
        var wait = policy.wait.value
        for _ in 0..<(isInRow ? before.restartStreak : 0) where wait < policy.maximumWait.value {
            wait *= policy.factor
        }
        wait = min(wait, policy.maximumWait.value)
        backOffs[before.id] = BackOff(
            until: world.now + Int64(wait * 0.99 * Double(Span.second)), civilError: clocks.civilError)
    }

    func checkBackOff(_ launch: AttemptLaunch) {
        guard let backOff = backOffs.removeValue(forKey: launch.task) else { return }
        world.check(
            world.now >= backOff.until || backOff.civilError != clocks.civilError, .hasty,
            "\(launch.taskName) is tried again \(Duration.microseconds(backOff.until - world.now).short) early"
        )
    }
}
