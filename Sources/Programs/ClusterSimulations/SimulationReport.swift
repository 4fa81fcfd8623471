/// What came of one simulation.
public struct SimulationReport: Sendable {
    public struct Counts: Hashable, Sendable {
        public var submissions = 0
        public var acknowledged = 0
        public var faults = 0
        public var starts = 0
        public var managers = 0
        public var losses = 0
        public var jobs = 0
    }

    public var seed: UInt64
    public var hours: Double
    public var counts: Counts
    /// Things that happened.
    public var events: Int
    /// The same for the same run.
    public var fingerprint: UInt64
    public var violation: SimulationViolation?
    /// The last of what happened; empty unless it was asked for.
    public var trace: [String]
}

/// A rule that was broken.
public struct SimulationViolation: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Rule: String, Hashable, Sendable, CaseIterable {
        case taskLost = "an acknowledged task is lost"
        case keyTwice = "a submission has two tasks"
        case twoCopies = "two copies live of what must never run twice"
        case unstored = "an attempt was started that is not stored"
        case oversold = "resources are oversold"
        case miscounted = "what is allocated is not what tasks have"
        case untrueReason = "a reason is not true"
        case storedBackwards = "what is stored goes backwards"
        case stuck = "something does not converge"
        case hasty = "a wait is cut short"
        case runsOn = "something runs that should not"
        case jobAstray = "a job has not what it should have"
    }

    public var rule: Rule
    public var detail: String
    public var time: Duration

    public var description: String { "\(rule.rawValue): \(detail)" }
}
