import Core

/// Why a run failed, with all that is needed to see it again: the seed.
public struct SimulationFailure: Error, CustomStringConvertible {
    public enum Cause: Sendable {
        /// The test's own code threw.
        case failed(any Error)
        /// The program of a host threw, or returned although nobody asked it to.
        case hostFailed(host: String, any Error)
        /// Nothing is ready, no timer is set, and the test has not ended.
        case deadlock
        /// The test had not ended at the virtual time limit.
        case timeLimit
        /// A great many jobs ran without time going on.
        case livelock
        /// Jobs left the simulation for other threads, or came from there: an unstructured `Task`, `Task.sleep`, the main
        /// actor, an actor with a thread of its own.
        case escaped(jobs: Int)
        /// These did not end after they were cancelled.
        case unfinished
    }

    public var seed: UInt64
    public var cause: Cause
    /// The virtual time of the failure.
    public var time: Duration
    /// Who waits, and for what, as far as the simulator knows.
    public var waits: [String]
    /// The last events that were recorded.
    public var events: [String]

    public var description: String {
        var text = "seed \(seed), at \(time.inSeconds) s: \(summary)"
        if !waits.isEmpty { text += "\nwaiting:" + waits.map { "\n  \($0)" }.joined() }
        if !events.isEmpty { text += "\nlast events:" + events.map { "\n  \($0)" }.joined() }
        return text
    }

    private var summary: String {
        switch cause {
        case .failed(let error): "\(error)"
        case .hostFailed(let host, let error): "the program of '\(host)' ended: \(error)"
        case .deadlock: "a deadlock: nothing can run, no timer is set, and the test has not ended"
        case .timeLimit: "the test had not ended at its limit of virtual time"
        case .livelock: "a livelock: \(Scheduler.stepsPerInstant) jobs ran without time going on"
        case .escaped(let jobs):
            "\(jobs) jobs left the simulation; look for an unstructured Task, Task.sleep, the main actor "
                + "or an actor with a thread of its own"
        case .unfinished: "tasks did not end after they were cancelled"
        }
    }
}
