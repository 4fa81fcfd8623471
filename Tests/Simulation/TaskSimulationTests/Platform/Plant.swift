import ClusterModel
import Core
import Managers
import TaskDecisions
import Workers

/// Faults planted into the platform's surroundings, one at a time, to prove that the checks see them. Nothing in the
/// platform knows of them: each is a wrapper around what it is given.
enum Plant: String, Sendable, CaseIterable {
    /// The store acknowledges before it has written: what is carried out then may not be stored.
    case acknowledgesEarly
    /// The store loses the last change of some batches.
    case forgetsChanges
    /// The store forgets idempotency keys over a restart.
    case forgetsKeys
    /// The store says that it failed when it did not.
    case refusesAndStores
    /// The store gives tasks back as they were before they ended.
    case loadsOldStates
    /// Some commits never end.
    case neverAnswers
    /// A start is carried out twice, under two identifiers.
    case startsTwice
    /// The runtime starts again what it has started already.
    case startsAgain
    /// A restarted node does not report what runs on it.
    case hidesRunning
    /// Stops do not arrive.
    case dropsStops
    /// What gives up a start does not arrive.
    case dropsCancels
    /// Orders to watch an adopted attempt do not arrive.
    case dropsWatches
    /// Orders to forget an attempt do not arrive.
    case dropsRemovals
    /// The node does not report that its runtimes are back.
    case hidesRecovery
    /// Some sleeps of the manager never end: a lost wake-up.
    case losesWakeUps
    /// An end is reported before it came, so that its room is given away too early.
    case reportsEndsEarly
    /// Exit codes are reported wrong.
    case confusesCodes
    /// The node says that it has more than it has.
    case boastsCapacity
}
