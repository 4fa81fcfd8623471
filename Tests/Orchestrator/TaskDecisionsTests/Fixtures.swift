import ClusterModel
import Core
import Synchronization
import TaskDecisions

/// Counts instead of drawing lots, so that a test can be read.
final class Counter: Sendable {
    private let count = Mutex<UInt64>(0)

    func next<Kind>(_ kind: Kind.Type = Kind.self) -> Identifier<Kind> {
        let value = count.withLock { count in
            count += 1
            return count
        }
        return Identifier(time: Timestamp(microseconds: 0), random: value)
    }
}

let origin = Timestamp(microseconds: 1_000_000_000_000)

func seconds(_ value: Double) -> Timestamp { origin.advanced(by: .milliseconds(Int64(value * 1000))) }

/// A core with one node of 2 cores and 1 GiB that runs processes and containers.
struct Bench {
    let counter = Counter()
    var core: TaskCore
    let node: Node

    init(limits: TaskCore.Limits = .init(), joined: Bool = true, docker: Bool = true) {
        let counter = counter
        core = TaskCore(epoch: 1, limits: limits) { counter.next() }
        node = Node(
            id: counter.next(), name: "one", state: .ready,
            capacity: Capacity(cpuMillis: 2000, memory: .gibibytes(1), disk: .gibibytes(10), tasks: 100),
            allocated: Capacity(), architecture: "x86_64", operatingSystem: "linux", version: "0",
            runtimes: [
                RuntimeStatus(kind: .process, isAvailable: true, detail: "cgroup v2"),
                RuntimeStatus(kind: .docker, isAvailable: docker, detail: "no engine answers"),
            ], registeredAt: origin)
        if joined { _ = core.join(node, found: [.process: [], .docker: []], at: origin) }
    }

    mutating func submit(
        _ name: String? = nil, key: String? = nil, _ change: (inout TaskSpec) -> Void = { _ in }
    ) throws(TaskRefusal) -> (TaskRecord, Decision) {
        var spec = TaskSpec(executable: "/bin/true")
        change(&spec)
        let submission = Submission(
            id: counter.next(), name: name, project: "default", spec: spec, principal: "user://local/admin",
            idempotencyKey: key)
        return try core.submit(submission, at: origin)
    }

    /// Submits, and has the attempt started.
    mutating func running(
        _ name: String? = nil, _ change: (inout TaskSpec) -> Void = { _ in }
    ) throws -> TaskRecord {
        let (record, _) = try submit(name, change)
        _ = observe(.started(at: origin, ports: [], warnings: []), record)
        return core.tasks[record.id]!
    }

    mutating func observe(_ event: AttemptEvent, _ record: TaskRecord, at now: Timestamp = origin) -> Decision
    {
        core.observe(event, of: core.tasks[record.id]!.current!.id, task: record.id, at: now)
    }

    mutating func exit(_ record: TaskRecord, code: Int32?, at now: Timestamp = origin) -> Decision {
        observe(.exited(code: code, at: now, reason: "exit code \(code ?? -1)"), record, at: now)
    }

    func state(_ record: TaskRecord) -> TaskRecord { core.tasks[record.id]! }
}

extension Decision {
    var launches: [AttemptLaunch] {
        directives.compactMap { if case .launch(let launch, _) = $0 { launch } else { nil } }
    }

    /// What attempts that are stopped are given.
    var graces: [Duration] {
        directives.compactMap { if case .stop(_, let grace) = $0 { grace } else { nil } }
    }
    var wakes: [Timestamp] { directives.compactMap { if case .wake(_, let at) = $0 { at } else { nil } } }

    var stops: Int { directives.count { if case .stop = $0 { true } else { false } } }
}
