import ClusterModel
import Core

/// Whether and when a task is tried again after an attempt has ended by itself.
enum RestartDecision: Equatable {
    case restart(after: Duration)
    case final

    /// `restarts` is the number already granted, `streak` those in a row without a long run between them. With a window the
    /// bound is for those in a row.
    static func decide(_ policy: RestartPolicy, failed: Bool, restarts: Int, streak: Int) -> RestartDecision {
        switch policy.mode {
        case .never: return .final
        case .onFailure where !failed: return .final
        case .onFailure, .always, .unlessStopped: break
        }
        if let limit = policy.attempts, (policy.window == nil ? restarts : streak) >= limit { return .final }
        return .restart(after: wait(policy, streak: streak))
    }

    /// The wait after a fault of the platform's: the policy's, but also growing where that says zero, so that nothing is
    /// tried again and again while an engine is away.
    static func platformWait(_ policy: RestartPolicy, streak: Int) -> Duration {
        let floor = Duration.milliseconds(100) * (1 << min(max(0, streak), 7))
        return max(wait(policy, streak: streak), min(floor, .seconds(10)))
    }

    /// `wait · factor^streak`, at most `maximumWait`.
    static func wait(_ policy: RestartPolicy, streak: Int) -> Duration {
        var wait = policy.wait.value
        // Stops at the cap: the power would overflow to infinity after a long row of failures.
        for _ in 0..<max(0, streak) where wait < policy.maximumWait.value { wait *= policy.factor }
        return Seconds(min(wait, policy.maximumWait.value)).duration
    }
}

extension RestartPolicy {
    /// A run of this length forgets the failures before it.
    var longRun: Seconds { window ?? maximumWait }
}

extension Attempt {
    /// Whether the platform ends it to start its task again.
    var isMoving: Bool { outcome == .drained || outcome == .preempted }
}

extension TaskRecord {
    /// The restarts granted: what was moved has not been restarted.
    var restarts: Int { attemptCount - 1 - attempts.count(where: \.isMoving) }
}
