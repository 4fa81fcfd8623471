public import ClusterModel
public import Core
import Glibc
public import TaskRuntimes

/// Runs executables of the host as attempts, each in its own session and, where this is allowed, its own cgroup.
///
/// The processes belong to a launcher, a small process of its own that is started when first needed, so that nothing is
/// lost when this one dies: attempts run on, what they write is kept, and how they end is known. See
/// `docs/design/process-runtime.md`.
public final class ProcessRuntime: TaskRuntime {
    public struct Settings: Sendable {
        /// Where the launcher keeps what it has to keep; absolute, made when it is not there.
        public var directory: String
        /// The launcher's program and the words before its own: `["/usr/bin/apollo", "launcher"]`.
        public var launcher: [String]
        /// `PATH` of tasks that set none.
        public var path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        /// The most output kept of each attempt; the oldest goes first.
        public var logLimit = ByteCount.mebibytes(64)
        /// How long the launcher stays with nobody connected and nothing running.
        public var launcherIdle = Duration.seconds(30)
        /// Which cgroups are used, where they can be.
        public var cgroups = CgroupUse.any

        public init(directory: String, launcher: [String]) {
            self.directory = directory
            self.launcher = launcher
        }
    }

    let settings: Settings
    private let environment: Environment
    let link: LauncherLink
    private let logThread = SharedExecutor(name: "process-logs")
    private let scratch: ScratchDirectories

    public init(settings: Settings, environment: Environment) {
        precondition(settings.directory.hasPrefix("/") && !settings.launcher.isEmpty)
        self.settings = settings
        self.environment = environment
        scratch = ScratchDirectories(directory: settings.directory)
        var options = LauncherOptions(directory: settings.directory)
        options.idle = settings.launcherIdle
        options.cgroups = settings.cgroups
        link = LauncherLink(
            starter: LauncherStarter(options: options, command: settings.launcher, clock: environment.clock))
    }

    public var kind: RuntimeKind { .process }

    public func probe() async -> RuntimeStatus {
        do throws(RuntimeError) {
            guard case .status(let status) = try await link.ask(.status, within: .seconds(5)) else {
                throw unexpected("status")
            }
            var system = utsname()
            uname(&system)
            let release = withUnsafeBytes(of: &system.release) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            return RuntimeStatus(
                kind: .process, isAvailable: true, detail: "Linux \(release), \(status.abilities)")
        } catch {
            return RuntimeStatus(kind: .process, isAvailable: false, detail: error.asApolloError.description)
        }
    }

    public func start(
        _ launch: AttemptLaunch, report: @escaping @Sendable (LaunchProgress) -> Void
    ) async throws(RuntimeError) -> StartedAttempt {
        let settings = settings
        // Whether its ports are free must not be asked of an attempt that has them already.
        if !launch.spec.ports.isEmpty, case .started(let record) = try await link.ask(.find(launch.attempt)) {
            return try started(record)
        }
        let order: LaunchOrder
        if launch.spec.user == nil {
            order = try Self.prepare(launch, settings)
        } else {
            // The look-up of a user may ask the network.
            order = try await link.blocking { () throws(RuntimeError) in try Self.prepare(launch, settings) }
        }
        guard launch.spec.resources.disk != nil else { return try await start(order) }
        try scratch.make(launch.attempt, for: order.identity)
        do throws(RuntimeError) {
            let started = try await start(order)
            scratch.began(launch.attempt)
            return started
        } catch {
            // Where it did not start for certain; else what ends or lists it takes it away.
            if error.saysNothingStarted { await scratch.remove(launch.attempt) }
            throw error
        }
    }

    func start(_ order: LaunchOrder) async throws(RuntimeError) -> StartedAttempt {
        // The launcher gives up a program that makes the first process, and says so, before we give up the launcher.
        let limit = order.handover == nil ? Duration.seconds(30) : Launcher.mostStarting + .seconds(30)
        switch try await link.ask(.start(order), within: limit, isCancellable: false) {
        case .started(let record): return try started(record)
        case .startFailed(let failure): throw failure.error(order)
        case let reply: throw refusal(reply, "start")
        }
    }

    public func diskUse(_ attempt: AttemptID) async throws(RuntimeError) -> DirectoryTree.Size? {
        try await scratch.measure(attempt)
    }

    private static func prepare(_ launch: AttemptLaunch, _ settings: Settings) throws(RuntimeError)
        -> LaunchOrder
    {
        let ports = try PortAllocation.allocate(launch.spec.ports)
        return try LaunchPreparation(launch: launch, settings: settings).order(ports)
    }

    func started(_ record: StartRecord) throws(RuntimeError) -> StartedAttempt {
        StartedAttempt(
            startedAt: record.startedAt, ports: try metadata(record.metadata).ports, warnings: record.warnings
        )
    }

    private func metadata(_ bytes: [UInt8]) throws(RuntimeError) -> AttemptMetadata {
        do throws(WireError) {
            return try AttemptMetadata(parsing: bytes)
        } catch {
            throw .failed("the launcher's record of an attempt is damaged: \(error)")
        }
    }

    public func wait(_ attempt: AttemptID) async throws(RuntimeError) -> AttemptExit {
        switch try await link.ask(.wait(attempt), within: nil) {
        case .ended(let exit):
            await scratch.remove(attempt)
            return exit
        case let reply: throw refusal(reply, "wait")
        }
    }

    public func stop(_ attempt: AttemptID, grace: Duration) async throws(RuntimeError) {
        let milliseconds = UInt64(clamping: grace.inMicroseconds / 1000)
        // The kill is the launcher's to do, at the end of the grace and whatever becomes of us; the rest is the net.
        let limit = min(grace, .seconds(86400)) + .seconds(30)
        switch try await link.ask(.stop(attempt, graceMilliseconds: milliseconds), within: limit) {
        case .done: return
        case let reply: throw refusal(reply, "stop")
        }
    }

    public func remove(_ attempt: AttemptID) async throws(RuntimeError) {
        switch try await link.ask(.remove(attempt)) {
        case .done: return
        case let reply: throw refusal(reply, "remove")
        }
    }

    public func list() async throws(RuntimeError) -> [RuntimeAttempt] {
        // In this order: what begins meanwhile is not taken for something that is left.
        let begun = scratch.beginning
        guard case .attempts(let attempts, _) = try await link.ask(.list) else { throw unexpected("list") }
        var listed: [RuntimeAttempt] = []
        for attempt in attempts {
            let metadata = try metadata(attempt.metadata)
            listed.append(
                RuntimeAttempt(
                    attempt: attempt.attempt, task: metadata.task, startedAt: attempt.startedAt,
                    exit: attempt.exit,
                    ports: metadata.ports, diskLimit: metadata.disk))
        }
        let live = Set(listed.lazy.filter { $0.exit == nil }.map(\.attempt))
        for attempt in scratch.leftovers(begun: begun) where !live.contains(attempt) {
            await scratch.remove(attempt)
        }
        return listed
    }

    public func logs(_ attempt: AttemptID, _ query: LogQuery) async throws(RuntimeError) -> any LogReader {
        switch try await link.ask(.find(attempt)) {
        case .started: break
        case let reply: throw refusal(reply, "logs")
        }
        let link = link
        return ProcessLogReader(
            directory: LauncherOptions.attempt(attempt.text, in: settings.directory), query: query,
            executor: logThread
        ) { position throws(RuntimeError) in
            switch try await link.ask(.output(attempt, beyond: position), within: nil) {
            case .output(let position, let isComplete): return (position, isComplete)
            case .unknownAttempt: throw .unknownAttempt
            case let reply: throw .failed("the process launcher answered a question for output with \(reply)")
            }
        }
    }

    public func trimLogs(_ retention: LogRetention) async throws(RuntimeError) {
        let ended = try await list().compactMap { attempt in
            attempt.exit.map { (attempt.attempt, $0.endedAt) }
        }
        let (directory, now) = (settings.directory, environment.wallClock.now)
        @Sendable func log(_ attempt: AttemptID) -> LogDrop {
            LogDrop(directory: LauncherOptions.attempt(attempt.text, in: directory))
        }
        let dropped = try await link.blocking { () throws(RuntimeError) in
            let shared = SharedOutput.sizes(in: LauncherOptions.shared(in: directory))
            let kept = ended.compactMap { attempt, endedAt in
                let own = log(attempt)
                let size = own.isThere ? own.size : shared[attempt] ?? 0
                return size == 0
                    ? nil
                    : LogRetention.Kept(
                        attempt: attempt, endedAt: endedAt, size: ByteCount(Int64(clamping: size)))
            }
            return retention.dropped(of: kept, at: now)
        }
        // What was kept with others' has files of its own from here on, of which a mark stays that says how much there was.
        for attempt in dropped { _ = try await link.ask(.find(attempt)) }
        try await link.blocking { () throws(RuntimeError) in
            for attempt in dropped {
                do throws(SystemError) { try log(attempt).drop(at: now) } catch {
                    // Removed meanwhile: then there is nothing to drop.
                    guard error.code == ENOENT else { throw .failed("cannot drop old output: \(error)") }
                }
            }
        }
    }

    public func usage(_ attempt: AttemptID) async throws(RuntimeError) -> AttemptUsage? {
        switch try await link.ask(.usage(attempt)) {
        case .usage(nil): return nil
        case .usage(var usage?):
            // Not of the launcher, whose older versions know nothing of it.
            guard case .started(let record) = try await link.ask(.find(attempt)) else { return usage }
            let moved = try await link.blocking { () throws(RuntimeError) in
                record.cgroup.diskUse(main: record.process.pid)
            }
            (usage.readBytes, usage.writtenBytes) = (moved?.read, moved?.written)
            return usage
        case let reply: throw refusal(reply, "usage")
        }
    }

    public func exec(
        _ attempt: AttemptID, _ request: ExecRequest
    ) async throws(RuntimeError) -> any ExecSession {
        guard case .started(let record) = try await link.ask(.find(attempt)) else { throw .unknownAttempt }
        let task = try metadata(record.metadata).task
        let path = settings.path
        let surroundings = try await link.blocking { () throws(RuntimeError) in
            try AttemptSurroundings(
                of: record, attempt,
                fallback: ["PATH=\(path)", "APOLLO_TASK_ID=\(task)", "APOLLO_ATTEMPT=\(attempt)"])
        }
        return try await ProcessExec.start(
            ExecStarter(record: record, surroundings: surroundings, request: request))
    }

    /// Lets go of the launcher, which stays as long as attempts run, and `launcherIdle` longer.
    public func close() { link.close() }

    /// Ends the launcher. Refused as ``RuntimeError/stillRunning`` while attempts run; what ended stays recorded.
    public func shutDownLauncher() async throws(RuntimeError) {
        switch try await link.ask(.shutDown) {
        case .done: link.close()
        case let reply: throw refusal(reply, "shut down")
        }
    }

    /// The launcher's process, for those who watch over it.
    public func launcherProcess() async throws(RuntimeError) -> Int32 {
        guard case .status(let status) = try await link.ask(.status) else { throw unexpected("status") }
        return status.pid
    }

    private func refusal(_ reply: LauncherReply, _ request: String) -> RuntimeError {
        switch reply {
        case .unknownAttempt: .unknownAttempt
        case .stillRunning: .stillRunning
        case .exhausted(let what): .exhausted(what, hint: "remove or stop attempts, or try later")
        default: unexpected(request)
        }
    }

    private func unexpected(_ request: String) -> RuntimeError {
        .failed("the process launcher answered '\(request)' with something else")
    }
}
