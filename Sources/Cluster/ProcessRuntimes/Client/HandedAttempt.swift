public import ClusterModel
public import Core
public import TaskRuntimes

/// An attempt whose first process another program makes, such as a container's. The program gets the attempt's output as its own,
/// writes the number of the process to a file and ends; the process is the launcher's from there on.
public struct HandedAttempt: Hashable, Sendable {
    public var attempt: AttemptID
    public var task: TaskID
    public var ports: [PortMapping]
    /// What it may have on disk, which is the caller's to watch over.
    public var disk: ByteCount?
    /// The limit that it has been given by the program.
    public var memory: ByteCount?
    /// The program and its arguments; absolute.
    public var command: [String]
    public var pidFile: String
    /// Who its output belongs to, so that it can open its own /dev/stdout; nil for us.
    public var outputOwner: UInt32?
    /// What asks it to end; nil for SIGTERM.
    public var stopSignal: Int32?
    /// What was not done as asked, for people.
    public var warnings: [String]

    public init(
        attempt: AttemptID, task: TaskID, ports: [PortMapping], disk: ByteCount?, memory: ByteCount?,
        command: [String], pidFile: String, outputOwner: UInt32? = nil, stopSignal: Int32? = nil,
        warnings: [String]
    ) {
        self.attempt = attempt
        self.task = task
        self.ports = ports
        self.disk = disk
        self.memory = memory
        self.command = command
        self.pidFile = pidFile
        self.outputOwner = outputOwner
        self.stopSignal = stopSignal
        self.warnings = warnings
    }
}

extension ProcessRuntime {
    /// What the launcher has of an attempt that was started; nil where it has none.
    public func started(_ attempt: AttemptID) async throws(RuntimeError) -> StartedAttempt? {
        guard case .started(let record) = try await link.ask(.find(attempt)) else { return nil }
        return try started(record)
    }

    /// Starts an attempt by the program that makes it. ``RuntimeError/failed(_:)`` where that ends otherwise than with 0.
    public func start(_ handed: HandedAttempt) async throws(RuntimeError) -> StartedAttempt {
        precondition(handed.command.first?.hasPrefix("/") ?? false)
        let order = LaunchOrder(
            attempt: handed.attempt,
            metadata: AttemptMetadata(
                task: handed.task, ports: handed.ports, disk: handed.disk, stopSignal: handed.stopSignal
            ).bytes,
            candidates: [handed.command[0]], arguments: handed.command,
            environment: ["PATH=\(settings.path)"]
                + (handed.outputOwner.map { [Handover.outputOwner + "\($0)"] } ?? []), directory: "/",
            identity: nil,
            limits: AttemptLimits(memory: handed.memory?.bytes), mounts: [],
            logLimit: UInt64(max(0, settings.logLimit.bytes)),
            handover: Handover(pidFile: handed.pidFile, warnings: handed.warnings))
        return try await start(order)
    }

    /// Where the cgroup of an attempt belongs that its program makes: relative to the launcher's own.
    public func cgroup(of attempt: AttemptID) -> String {
        "\(LauncherMain.cgroupName(settings.directory))/\(attempt)"
    }

    /// The number of an attempt's first process, which may have ended.
    public func process(of attempt: AttemptID) async throws(RuntimeError) -> Int32 {
        guard case .started(let record) = try await link.ask(.find(attempt)) else { throw .unknownAttempt }
        return record.process.pid
    }

    /// Starts a program of this machine that runs another in the attempt, and ends as that one does. `request` is about the
    /// program of this machine, which writes the number of the other to `pidFile`.
    ///
    /// - Parameter outputOwner: who its output belongs to; nil for us.
    public func exec(
        _ attempt: AttemptID, by request: ExecRequest, pidFile: String, outputOwner: UInt32? = nil
    ) async throws(RuntimeError) -> any ExecSession {
        guard case .started(let record) = try await link.ask(.find(attempt)) else { throw .unknownAttempt }
        let path = settings.path
        let surroundings = try await link.blocking { () throws(RuntimeError) in
            try AttemptSurroundings(of: record, onHost: ["PATH=\(path)"])
        }
        return try await ProcessExec.start(
            ExecStarter(
                record: record, surroundings: surroundings, request: request, pidFile: pidFile,
                outputOwner: outputOwner))
    }
}
