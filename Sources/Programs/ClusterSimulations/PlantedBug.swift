/// Bugs that are planted one at a time, to prove that the simulation finds them.
///
/// They are planted around the cores and not in them, in what the simulation does between two of their decisions: what ships is what
/// is proved, it needs no second build, and no core carries a line for it.
public enum PlantedBug: String, Sendable, CaseIterable {
    /// The database takes the commits of a manager that was replaced, and workers obey it.
    case fencesNobody = "fences-nobody"
    /// Some alarms of the manager never ring.
    case losesWakeUps = "loses-wake-ups"
    /// A commit is carried out again, later.
    case commitsTwice = "commits-twice"
    /// A node whose lease has lapsed is replaced at once.
    case lapsesWithoutGrace = "lapses-without-grace"
    /// What a task had is given back twice.
    case freesTwice = "frees-twice"
    /// Tasks are acknowledged before they are stored.
    case acknowledgesEarly = "acknowledges-early"
    /// A manager that starts again does not look at what runs.
    case forgetsAdoption = "forgets-adoption"
    /// A repeated order is carried out again.
    case appliesTwice = "applies-twice"
    /// Stops that a new session should repeat are not sent.
    case losesStops = "loses-stops"
    /// Leases are counted by civil time, which is set now and then.
    case lapsesByCivilTime = "lapses-by-civil-time"
    /// A manager that starts again does not know the keys of submissions.
    case forgetsKeys = "forgets-keys"
    /// What could not be stored is carried out all the same.
    case actsUnstored = "acts-unstored"
    /// A worker that starts again does not know what it has to stop after a cut.
    case forgetsGuards = "forgets-guards"
    /// Some reports of a worker get lost in a session that goes on.
    case losesReports = "loses-reports"
    /// A worker that is cut off stops nothing.
    case ignoresCuts = "ignores-cuts"
    /// A worker takes a manager's hello for a lease, though the manager may never hear its answer.
    case takesHelloForGrant = "takes-hello-for-grant"
    /// A worker starts what it could not stop after a restart, for its disk was full.
    case startsUnguarded = "starts-unguarded"
    /// A task that is submitted again after it could not be stored is taken for the one that could not.
    case voidsTooMuch = "voids-too-much"
    /// What waits before it is tried again is tried at once, now and then.
    case skipsBackOffs = "skips-back-offs"
    /// The manager's alarms are kept by civil time, which is set now and then.
    case waitsByCivilTime = "waits-by-civil-time"
    /// What probes find bad is not heard.
    case ignoresHealth = "ignores-health"
    /// What a drained node still runs at the deadline runs on.
    case sparesAtDeadline = "spares-at-deadline"
    /// What comes after the beginning of an attempt is stored before it.
    case overtakesBeginnings = "overtakes-beginnings"
    /// A probe by a command counts as failed while the runtime is away.
    case blamesTasks = "blames-tasks"
    /// A task of a job starts without what it should start after.
    case ignoresOrder = "ignores-order"
    /// A job of which something has changed is decided about, and none of its tasks is looked at.
    case hearsNothing = "hears-nothing"
    /// Nobody is stopped to make room for what is more important.
    case sparesVictims = "spares-victims"
}
