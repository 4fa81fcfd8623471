import Core
import Simulation

/// What must hold whatever happens. The text is what a failure begins with.
enum Invariant: String, Sendable, CaseIterable {
    case taskLost = "an acknowledged task is lost"
    case stopLost = "an acknowledged stop is not stored"
    case keyTwice = "one idempotency key made two tasks"
    case nameTwice = "two stored tasks of a project have one name"
    case ghost = "a submission that was refused left a task"
    case startedUnstored = "an attempt was started that is not stored"
    case twoLive = "two attempts of one task live at once"
    case startedTwice = "one attempt was started twice"
    case oversold = "a machine is oversold"
    case finalChanged = "a final state changed"
    case wrongEnd = "a recorded end is not the real one"
    case untrueReason = "a pending task's reason is not true"
    case wrongAllocation = "a node's allocation is not the sum of its attempts"
    case runsOn = "an attempt lives on that nobody wants"
    case stuck = "a task did not settle after the faults had stopped"
    case unanswered = "a command was never answered"
    case leftBehind = "a removed task left something behind"
    case watcherMisled = "a watcher did not see how its task ended"
    case memoryDiffers = "what the platform says is not what it stored"
}

/// An invariant that does not hold.
struct Violation: Error, Hashable, CustomStringConvertible {
    var invariant: Invariant
    var detail: String

    var description: String { "\(invariant.rawValue): \(detail)" }
}

/// Where every check reports to; keeps the first violation, which is the one to look at.
final class Findings: @unchecked Sendable {
    // Confined to the simulator's thread, as all of a simulation is.
    private(set) var first: Violation?
    private let simulator: Simulator

    init(_ simulator: Simulator) { self.simulator = simulator }

    func report(_ invariant: Invariant, _ detail: @autoclosure () -> String) {
        guard first == nil else { return }
        let violation = Violation(invariant: invariant, detail: detail())
        first = violation
        simulator.record("VIOLATION: \(violation)")
    }

    func check(_ holds: Bool, _ invariant: Invariant, _ detail: @autoclosure () -> String) {
        if !holds { report(invariant, detail()) }
    }

    /// Throws what was found, so that the run ends there.
    func verify() throws {
        if let first { throw first }
    }
}
