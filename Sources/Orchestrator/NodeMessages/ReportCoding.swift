public import ClusterModel
import Core
public import RPCModel
import Scheduling
public import TaskDecisions
import TaskRuntimes
public import Workers

// What a worker reports, as it travels to the manager.
extension Report {
    public init(_ report: NodeReport) {
        switch report {
        case .attempt(let event, let attempt, let task):
            self.init(
                kind: .attempt(
                    AttemptNews(
                        attempt: attempt.text, task: task.text, event: AttemptNews.Event(event))))
        case .progress(let progress, let attempt, let task):
            self.init(
                kind: .progress(
                    Progress(
                        attempt: attempt.text, task: task.text, activity: progress.activity,
                        completedBytes: progress.completedBytes, totalBytes: progress.totalBytes)))
        case .runtimes(let runtimes):
            self.init(kind: .runtimes(Runtimes(runtimeJSON: runtimes.map(WireReading.bytes))))
        case .gpus(let gpus): self.init(kind: .gpus(GPUs(gpuJSON: gpus.map(WireReading.bytes))))
        case .attempts(let found, let runtime): self.init(kind: .attempts(Attempts([runtime: found])))
        case .problem(let text): self.init(kind: .problem(text))
        }
    }

    /// The reports that it is; none for one of another version, for the welcome, and for a batch, whose reports they are. A goodbye is
    /// thrown.
    public func reports() throws(RPCError) -> [NodeReport] {
        switch kind {
        case nil, .welcome, .batch: return []
        case .goodbye(let reason):
            throw RPCError(
                .aborted, reason.isEmpty ? "the worker ends the session, and says not why" : reason)
        case .attempt(let news):
            guard let event = try news.attemptEvent() else { return [] }
            let attempt: AttemptID = try WireReading.id(news.attempt, "attempt")
            return [.attempt(event, attempt, try WireReading.id(news.task, "task"))]
        case .progress(let progress):
            let launch = LaunchProgress(
                activity: progress.activity, completedBytes: progress.completedBytes,
                totalBytes: progress.totalBytes)
            let attempt: AttemptID = try WireReading.id(progress.attempt, "attempt")
            return [.progress(launch, attempt, try WireReading.id(progress.task, "task"))]
        case .runtimes(let runtimes):
            var all: [RuntimeStatus] = []
            for bytes in runtimes.runtimeJSON { all.append(try WireReading.json(bytes, "runtime_json")) }
            let isTwice = Set(all.map(\.kind)).count < all.count
            return [
                .runtimes(
                    try WireReading.checked(all, "runtime_json", isTwice ? "a runtime is named twice" : nil))
            ]
        case .gpus(let gpus):
            var all: [GPU] = []
            for bytes in gpus.gpuJSON { all.append(try WireReading.json(bytes, "gpu_json")) }
            return [.gpus(try WireReading.checked(all, "gpu_json", GPU.fault(all)))]
        case .attempts(let attempts):
            return try attempts.found().sorted { $0.key.rawValue < $1.key.rawValue }
                .map { .attempts($0.value, of: $0.key) }
        case .problem(let text): return [.problem(text)]
        }
    }
}

extension AttemptNews.Event {
    init(_ event: AttemptEvent) {
        switch event {
        case .started(let time, let ports, let warnings):
            self = .started(
                Started(at: time.microseconds, portJSON: ports.map(WireReading.bytes), warnings: warnings))
        case .startFailed(let reason, let retry, let ports):
            self = .startFailed(
                StartFailed(reason: reason, retry: retry, busyPort: ports.map(WireReading.number(of:))))
        case .startUnclear(let reason): self = .startUnclear(reason)
        case .startCancelled: self = .startCancelled(Done())
        case .health(let state, let reason):
            self = .health(HealthNews(state: state.rawValue, reason: reason))
        case .exited(let code, let time, let reason):
            self = .exited(Exit(code: code, at: time.microseconds, reason: reason))
        }
    }
}

extension AttemptNews {
    func attemptEvent() throws(RPCError) -> AttemptEvent? {
        switch event {
        case nil: return nil
        case .started(let started):
            return .started(
                at: try WireReading.time(started.at, "at"), ports: try WireReading.ports(started.portJSON),
                warnings: started.warnings)
        case .startFailed(let failed):
            var busy: [HostPort] = []
            for number in failed.busyPort { busy.append(try WireReading.port(number)) }
            return .startFailed(reason: failed.reason, retry: failed.retry, busyPorts: busy)
        case .startUnclear(let reason): return .startUnclear(reason: reason)
        case .startCancelled: return .startCancelled
        case .health(let news):
            guard let state = Health.State(rawValue: news.state) else { return nil }
            return .health(state, reason: news.reason)
        case .exited(let exit):
            return .exited(code: exit.code, at: try WireReading.time(exit.at, "at"), reason: exit.reason)
        }
    }
}

extension Attempts {
    public init(_ found: [RuntimeKind: [FoundAttempt]]) {
        self.init(
            runtimes: found.sorted { $0.key.rawValue < $1.key.rawValue }.map { kind, attempts in
                RuntimeAttempts(runtime: kind.rawValue, attempts: attempts.map { Found($0) })
            })
    }

    public func found() throws(RPCError) -> [RuntimeKind: [FoundAttempt]] {
        var all: [RuntimeKind: [FoundAttempt]] = [:]
        for entry in runtimes {
            // A runtime that this manager does not know runs nothing of its tasks.
            guard let kind = RuntimeKind(rawValue: entry.runtime) else { continue }
            var attempts: [FoundAttempt] = []
            for found in entry.attempts { attempts.append(try found.attempt(of: kind)) }
            all[kind] = attempts
        }
        return all
    }
}

extension Found {
    init(_ found: FoundAttempt) {
        self.init(
            attempt: found.attempt.text, task: found.task.text, startedAt: found.startedAt.microseconds,
            portJSON: found.ports.map(WireReading.bytes),
            exit: found.exit.map { Exit(code: $0.code, at: $0.endedAt.microseconds, reason: $0.reason) })
    }

    func attempt(of kind: RuntimeKind) throws(RPCError) -> FoundAttempt {
        var ended: FoundAttempt.Exit?
        if let exit {
            ended = FoundAttempt.Exit(
                code: exit.code, endedAt: try WireReading.time(exit.at, "at"), reason: exit.reason)
        }
        return FoundAttempt(
            attempt: try WireReading.id(attempt, "attempt"), task: try WireReading.id(task, "task"),
            runtime: kind, startedAt: try WireReading.time(startedAt, "started_at"),
            ports: try WireReading.ports(portJSON), exit: ended)
    }
}

extension WireReading {
    /// A port of a node as one number: UDP's are 65536 higher.
    static func number(of port: HostPort) -> UInt32 { UInt32(port.number) + (port.isUDP ? 65536 : 0) }

    static func port(_ number: UInt32) throws(RPCError) -> HostPort {
        guard number < 2 * 65536 else { throw fault("busy_port", "is no port") }
        return HostPort(UInt16(truncatingIfNeeded: number), isUDP: number >= 65536)
    }

    static func ports(_ json: [[UInt8]]) throws(RPCError) -> [PortMapping] {
        var all: [PortMapping] = []
        for bytes in json { all.append(try Self.json(bytes, "port_json")) }
        return all
    }
}
