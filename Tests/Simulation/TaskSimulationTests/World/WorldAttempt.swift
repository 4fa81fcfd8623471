import ClusterModel
import Concurrency
import Core
import TaskRuntimes

/// An attempt as it really is.
final class WorldAttempt: @unchecked Sendable {
    let launch: AttemptLaunch
    let machine: SimulatedMachine
    let kind: RuntimeKind
    let startedAt: Timestamp
    /// Set at its end, whichever way it came.
    let end = Latch<AttemptExit>()
    private(set) var hasVanished = false
    /// Whether the platform has had it removed.
    var isRemoved = false

    init(_ launch: AttemptLaunch, on machine: SimulatedMachine, kind: RuntimeKind, at time: Timestamp) {
        self.launch = launch
        self.machine = machine
        self.kind = kind
        startedAt = time
    }

    var id: AttemptID { launch.attempt }
    var isLive: Bool { end.current == nil }
    /// Whether its engine knows of it.
    var isKnown: Bool { !hasVanished && !isRemoved }

    func vanish(at time: Timestamp) {
        hasVanished = true
        end.set(AttemptExit(code: nil, endedAt: time, reason: "vanished"))
    }
}
