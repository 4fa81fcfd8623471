public import Core

// Tasks and jobs: what is kept of them, and where they are placed.
extension PlatformSettings {
    public static let tasksRetention = Setting(
        "tasks.retention", .duration, default: .seconds(7 * 86400),
        help: "How long tasks that are over are kept, with their logs.")
    public static let tasksKept = Setting(
        "tasks.kept", .integer(in: 0...10_000_000), default: 50_000,
        help: "How many tasks that are over are kept, the newest, whatever their age.")
    public static let tasksAttempts = Setting(
        "tasks.attempts", .integer(in: 1...1000), default: 10,
        help: "How many attempts of a task are kept, with their logs.")
    public static let jobsRetention = Setting(
        "jobs.retention", .duration, default: .seconds(30 * 86400),
        help: "How long jobs that are over are kept, with their tasks.")
    public static let jobsKept = Setting(
        "jobs.kept", .integer(in: 0...1_000_000), default: 1000,
        help: "How many jobs that are over are kept, the newest, whatever their age.")
    public static let jobsRequests = Setting(
        "jobs.requests", .duration, default: .seconds(86400),
        help: "How long the Idempotency-Key of a job is remembered.")
    public static let tasksMaximum = Setting(
        "tasks.maximum", .integer(in: 1...10_000_000), default: 100_000,
        help: "How many tasks that are not over there may be at once; more are refused.")

    public static let logsAttemptSize = Setting(
        "worker.logs.attempt_size", .bytes, default: .mebibytes(64),
        help:
            "The most output kept of one attempt on its machine: the oldest goes first, and who reads is told how much."
    )
    public static let logsMaxSize = Setting(
        "worker.logs.max_size", .bytes, default: .gibibytes(10),
        help: """
            The most output kept of all ended executables of this machine together: that of those that ended first goes first. \
            Containers' output is kept by their engine, as long as the task.
            """)
    public static let logsKeep = Setting(
        "worker.logs.keep", .duration, default: .seconds(7 * 86400),
        help: "How long the output of an executable is kept on its machine after its end.")

    public static let execSessions = Setting(
        "tasks.exec.sessions", .integer(in: 1...10_000), default: 100,
        help: "How many programs may run beside tasks at once, by 'apollo task exec'.")
    public static let execIdle = Setting(
        "tasks.exec.idle", .duration, default: .seconds(3600),
        help: "How long such a program may neither write nor be given anything; then it is ended.")

    public static let schedulerPolicy = Setting(
        "scheduler.policy", .choice(SchedulerPolicy.self), default: .hybrid,
        help: """
            How a node is chosen for a task: hybrid packs and keeps GPUs for those who want them, best-fit packs, spread \
            levels, epvm minimises what raising the load costs, round-robin takes turns.
            """)
    public static let rebalanceEnabled = Setting(
        "rebalance.enabled", .bool, default: false,
        help: """
            Whether tasks are moved to nodes that join or come back, so that all are evenly full: instances of services, while the \
            others do their work, and tasks that are always restarted.
            """)
    public static let rebalanceMoves = Setting(
        "rebalance.moves", .integer(in: 1...1000), default: 2, help: "How many tasks are moved at a time.")
    public static let rebalancePause = Setting(
        "rebalance.pause", .duration, default: .seconds(30),
        help: "How long it waits after a node came, and between moves.")

    public enum SchedulerPolicy: String, CaseIterable, Sendable {
        case hybrid
        case bestFit = "best-fit"
        case spread, epvm
        case roundRobin = "round-robin"
    }
}
