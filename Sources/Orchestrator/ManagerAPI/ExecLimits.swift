public import Concurrency
import Core

/// How much programs beside tasks may take.
public struct ExecLimits: Sendable {
    /// How many there may be at once.
    public let sessions: Permits
    /// How long one may neither write anything nor be given anything.
    public let idle: Duration

    public init(sessions: Int = 100, idle: Duration = .seconds(3600)) {
        self.sessions = Permits(sessions)
        self.idle = idle
    }
}
