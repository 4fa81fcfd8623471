import Core
import JobModel
import Terminal

/// How parts of a job are shown to people.
enum JobText {
    static func style(_ state: JobState) -> Style? {
        switch state {
        case .running, .completed: .green
        case .failed: .red
        case .pending, .updating, .stopping, .suspended: .yellow
        case .scheduled: .green
        case .stopped: nil
        }
    }

    /// `3/3`: what is ready of a lasting job, what is done of a batch; how often a cron job ran.
    static func progress(_ job: JobRecord) -> String {
        if let cron = job.cron {
            return "\(cron.runCount) run\(cron.runCount == 1 ? "" : "s")"
        }
        let wanted = job.groups.reduce(0) { $0 + $1.desired }
        let done = job.groups.reduce(0) { $0 + (job.spec.type.runsThrough ? $1.completed : $1.ready) }
        return "\(done)/\(wanted)"
    }
}
