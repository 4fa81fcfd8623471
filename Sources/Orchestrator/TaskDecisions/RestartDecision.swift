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
        return max(wait(policy, streak: streak), min(floor, longestPlatformWait))
    }

    private static let longestPlatformWait = Duration.seconds(10)

    /// No wait of the policy is longer.
    static func longestWait(_ policy: RestartPolicy) -> Duration {
        max(policy.maximumWait.duration, longestPlatformWait)
    }

    /// `wait · factor^streak`, at most `maximumWait`.
    static func wait(_ policy: RestartPolicy, streak: Int) -> Duration {
        var wait = policy.wait.value
        // Stops at the cap: the power would overflow to infinity after a long row of failures.
        for _ in 0..<max(0, streak) where wait < policy.maximumWait.value { wait *= policy.factor }
        return Seconds(min(wait, policy.maximumWait.value)).duration
    }
}

extension TaskRecord {
    /// By how much two clocks may differ, or one that is put right a little, before that counts as set.
    static let clockDifference = Duration.seconds(5)

    /// Whether it has still to wait before it is tried again. A wait that would last longer than any of its policy was begun before
    /// the clock was set back, or by a manager whose clock is ahead: it has lasted long enough.
    func isWaiting(at now: Timestamp) -> Bool {
        guard let notBefore, notBefore > now else { return false }
        return now.duration(to: notBefore) <= RestartDecision.longestWait(spec.restart) + Self.clockDifference
    }

    /// Whether it has run for `limit` since `startedAt`; where that is later than now, the clock was set back, and whoever counted the
    /// time by another says that it has.
    func hasRun(for limit: Duration, since startedAt: Timestamp, at now: Timestamp) -> Bool {
        let left = now.duration(to: startedAt.advanced(by: limit))
        return left <= .zero || left > limit + Self.clockDifference
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
