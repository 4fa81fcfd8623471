import ClusterModel
import Core
import TaskDecisions
import Workers

// Times by a clock that is ahead of the manager's, by the manager's own: time-outs and back-offs are counted from them.
extension NodeReport {
    func shifted(by difference: Duration) -> NodeReport {
        switch self {
        case .attempt(let event, let attempt, let task):
            .attempt(event.shifted(by: difference), attempt, task)
        case .attempts(let found, let runtime):
            .attempts(found.map { $0.shifted(by: difference) }, of: runtime)
        case .progress, .runtimes, .gpus, .problem: self
        }
    }
}

extension AttemptEvent {
    fileprivate func shifted(by difference: Duration) -> AttemptEvent {
        switch self {
        case .started(let time, let ports, let warnings):
            .started(at: time.advanced(by: difference), ports: ports, warnings: warnings)
        case .exited(let code, let time, let reason):
            .exited(code: code, at: time.advanced(by: difference), reason: reason)
        case .startFailed, .startUnclear, .startCancelled, .health: self
        }
    }
}

extension FoundAttempt {
    func shifted(by difference: Duration) -> FoundAttempt {
        var shifted = self
        shifted.startedAt = startedAt.advanced(by: difference)
        shifted.exit?.endedAt = exit!.endedAt.advanced(by: difference)
        return shifted
    }
}
