public import ClusterModel
public import Core

/// The seam to whatever runs attempts on one machine. Each call speaks of one attempt, never of tasks, and one
/// contract suite (`TaskRuntimeContract` in the tests) runs against every implementation.
///
/// What a runtime started outlives the process that started it: after a restart, ``list()`` finds the attempts again,
/// running or ended, with the exit codes of those that ended meanwhile.
public protocol TaskRuntime: Sendable {
    var kind: RuntimeKind { get }

    /// Whether it can be used now, with its version or what is missing. Bounded by a deadline of its own.
    func probe() async -> RuntimeStatus

    /// Starts an attempt and returns once its process exists. Starting the same attempt again returns the same.
    ///
    /// On an error nothing is left behind. `report` hears of progress (an image being pulled), at most some times a
    /// second.
    func start(
        _ launch: AttemptLaunch, report: @escaping @Sendable (LaunchProgress) -> Void
    ) async throws(RuntimeError) -> StartedAttempt

    /// Returns how the attempt ended, once it has; at once if it has already.
    func wait(_ attempt: AttemptID) async throws(RuntimeError) -> AttemptExit

    /// Sends SIGTERM, and SIGKILL to all that is left after `grace`. Returns when the attempt has ended. Stopping what
    /// has ended does nothing.
    func stop(_ attempt: AttemptID, grace: Duration) async throws(RuntimeError)

    /// Forgets an ended attempt: its record, its logs, its container or cgroup. Removing what is gone does nothing; what
    /// still runs is refused.
    func remove(_ attempt: AttemptID) async throws(RuntimeError)

    /// Every attempt this runtime has, running or ended and not removed.
    func list() async throws(RuntimeError) -> [RuntimeAttempt]

    /// What the attempt wrote.
    func logs(_ attempt: AttemptID, _ query: LogQuery) async throws(RuntimeError) -> any LogReader

    /// What the attempt uses now; nil when it has ended.
    func usage(_ attempt: AttemptID) async throws(RuntimeError) -> AttemptUsage?

    /// What the attempt has written to disk in a place of its own: nil where it has none, or has ended. May take long, and is not
    /// asked often.
    func diskUse(_ attempt: AttemptID) async throws(RuntimeError) -> DirectoryTree.Size?

    /// Drops the output of ended attempts that is kept for too long or is too much. Who reads it is told how much was dropped.
    func trimLogs(_ retention: LogRetention) async throws(RuntimeError)

    /// The address of the attempt's own network, as this machine reaches it; nil where it has the machine's.
    func address(_ attempt: AttemptID) async throws(RuntimeError) -> String?

    /// Starts a program beside the attempt, and returns once it runs. ``RuntimeError/ended`` where there is nothing to be
    /// beside of.
    func exec(_ attempt: AttemptID, _ request: ExecRequest) async throws(RuntimeError) -> any ExecSession
}

extension TaskRuntime {
    public func address(_ attempt: AttemptID) async throws(RuntimeError) -> String? { nil }

    public func diskUse(_ attempt: AttemptID) async throws(RuntimeError) -> DirectoryTree.Size? { nil }

    /// Nothing, where the output of attempts is another's to keep.
    public func trimLogs(_ retention: LogRetention) async throws(RuntimeError) {}
}

/// What starting an attempt is busy with.
public struct LaunchProgress: Hashable, Sendable {
    /// For people: `pulling busybox:1.35`.
    public var activity: String
    public var completedBytes: Int64?
    public var totalBytes: Int64?

    public init(activity: String, completedBytes: Int64? = nil, totalBytes: Int64? = nil) {
        self.activity = activity
        self.completedBytes = completedBytes
        self.totalBytes = totalBytes
    }
}

/// What is known of an attempt once it runs.
public struct StartedAttempt: Hashable, Sendable {
    public var startedAt: Timestamp
    /// The ports given, in the order of the specification's.
    public var ports: [PortMapping]
    /// What the runtime could not do as asked and did without, for people; `memory limit not enforced: no cgroup`.
    public var warnings: [String]

    public init(startedAt: Timestamp, ports: [PortMapping] = [], warnings: [String] = []) {
        self.startedAt = startedAt
        self.ports = ports
        self.warnings = warnings
    }
}

/// How an attempt ended.
public struct AttemptExit: Hashable, Sendable {
    /// 0 to 255, or 128 plus the signal's number; nil when nobody saw it end.
    public var code: Int32?
    public var endedAt: Timestamp
    /// The kernel killed it for its memory limit.
    public var outOfMemory: Bool
    /// Why, in words a person can act on: `exit code 3`, `killed by SIGKILL`, `out of memory (limit 64Mi)`.
    public var reason: String

    public init(code: Int32?, endedAt: Timestamp, outOfMemory: Bool = false, reason: String) {
        self.code = code
        self.endedAt = endedAt
        self.outOfMemory = outOfMemory
        self.reason = reason
    }
}

/// An attempt that a runtime has.
public struct RuntimeAttempt: Hashable, Sendable {
    public var attempt: AttemptID
    public var task: TaskID
    public var startedAt: Timestamp
    /// Nil while it runs.
    public var exit: AttemptExit?
    public var ports: [PortMapping]
    /// The most that it may have on disk; nil for as much as there is.
    public var diskLimit: ByteCount?

    public init(
        attempt: AttemptID, task: TaskID, startedAt: Timestamp, exit: AttemptExit? = nil,
        ports: [PortMapping] = [], diskLimit: ByteCount? = nil
    ) {
        self.diskLimit = diskLimit
        self.attempt = attempt
        self.task = task
        self.startedAt = startedAt
        self.exit = exit
        self.ports = ports
    }
}

/// What an attempt uses at one moment.
public struct AttemptUsage: Hashable, Sendable, Codable {
    /// Processor time so far, seconds.
    public var cpuSeconds: Double
    public var memory: ByteCount
    public var processes: Int
    /// Bytes read from and written to disks so far; nil where nobody counts them.
    public var readBytes: Int64?
    public var writtenBytes: Int64?

    public init(
        cpuSeconds: Double, memory: ByteCount, processes: Int, readBytes: Int64? = nil,
        writtenBytes: Int64? = nil
    ) {
        self.cpuSeconds = cpuSeconds
        self.memory = memory
        self.processes = processes
        self.readBytes = readBytes
        self.writtenBytes = writtenBytes
    }
}
