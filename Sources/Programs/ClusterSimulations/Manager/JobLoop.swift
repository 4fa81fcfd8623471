import ClusterModel
import Core
import JobDecisions
import JobModel

/// What `Jobs/JobKeeper` knows.
struct JobLoop {
    typealias Command = (
        decide: ([JobID: JobWork]) -> (JobID, JobWork?)?, done: (JobID?) -> Void
    )

    var works: [JobID: JobWork] = [:]
    var owners: [TaskID: JobID] = [:]
    /// Jobs to decide about whole.
    var dirty: Set<JobID> = []
    /// The tasks of jobs of which something changed since these were decided about: only they are looked at.
    var heard: [JobID: Set<TaskID>] = [:]
    /// When jobs were last looked at whole.
    var looks: [JobID: MonotonicInstant] = [:]
    /// Jobs for which something is being done.
    var busy: Set<JobID> = []
    var wakes = JobWakes()
    var rests: [JobID: MonotonicInstant] = [:]
    var commands: [Command] = []
    var isTurning = false
    /// When it looks again, by the world's time.
    var timer: Int64?
    /// The nodes as jobs see them; nil where that may have changed.
    var nodes: [JobNode]?

    /// A job to decide about, and the tasks to look at; nil for all.
    struct Due {
        var job: JobID
        var heard: Set<TaskID>?
    }

    /// Has a job decided about, though nobody told of a change of its tasks.
    mutating func look(at job: JobID) { heard[job] = heard[job] ?? [] }

    /// Jobs of which something was heard, or which are to be looked at whole.
    var open: Set<JobID> { heard.isEmpty ? dirty : dirty.union(heard.keys) }
}
