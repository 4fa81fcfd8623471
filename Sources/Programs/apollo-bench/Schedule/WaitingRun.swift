import Benchmarks
import ClusterModel
import Core
import Glibc
import Scheduling
import Synchronization
import TaskDecisions

/// The core with a full cell and many tasks that wait: what an end costs, which lets some of them in.
struct WaitingRun: Sendable {
    let cell: Cell
    let waiting: Int
    var ends = 20_000

    struct Outcome: Sendable {
        /// Processor time, in seconds.
        var submitting = 0.0
        var ending = 0.0
        var submitted = 0
        var ends = 0
        var launched = 0
        /// Of resident memory, for all that wait.
        var bytes = 0.0
    }

    func run() throws -> Outcome {
        let counter = Atomic<UInt64>(1)
        let make: @Sendable () -> UInt64 = { counter.add(1, ordering: .relaxed).newValue }
        var core = TaskCore(epoch: 1, limits: .init(unfinished: 1 << 24)) {
            AttemptID(time: Timestamp(microseconds: 0), random: make())
        }
        let now = Timestamp(microseconds: 1)
        for (index, offer) in cell.nodes.enumerated() {
            _ = core.join(node(offer, index, make()), found: [.process: []], at: now)
        }
        var outcome = Outcome()
        var running: [(task: TaskID, attempt: AttemptID)] = []
        var asleep = 0
        func submit() throws {
            let ask = cell.asks[outcome.submitted % cell.asks.count]
            outcome.submitted += 1
            let id = TaskID(time: Timestamp(microseconds: 0), random: make())
            let submission = Submission(
                id: id, name: nil, project: "default", spec: spec(ask), principal: "user://local/admin")
            let (record, _) = try core.submit(submission, at: now)
            if let attempt = record.current { running.append((id, attempt.id)) } else { asleep += 1 }
        }
        while asleep < min(waiting, 10_000) { try submit() }
        let (before, already) = (try memory(), asleep)
        let start = ProcessorTime.now
        let first = outcome.submitted
        while asleep < waiting { try submit() }
        outcome.submitting = ProcessorTime.now - start
        outcome.bytes = Double(try memory() - before) / Double(max(1, asleep - already))
        outcome.submitted -= first

        var random = SeededRandom(seed: 5)
        let middle = ProcessorTime.now
        for _ in 0..<ends {
            let index = Int.random(in: 0..<running.count, using: &random)
            let (task, attempt) = running[index]
            running.swapAt(index, running.count - 1)
            running.removeLast()
            let decision = core.observe(
                .exited(code: 0, at: now, reason: "exit code 0"), of: attempt, task: task, at: now)
            for case .launch(let launch, _) in decision.directives {
                running.append((launch.task, launch.attempt))
                outcome.launched += 1
            }
        }
        outcome.ending = ProcessorTime.now - middle
        outcome.ends = ends
        try check(core)
        return outcome
    }

    /// Nothing is oversold, and none that waits would find room.
    private func check(_ core: TaskCore) throws {
        let pending = core.tasks.values.filter { $0.state == .pending }
        let shapes = Set(pending.map(\.spec.resources))
        for node in core.nodes.values {
            let (all, taken) = (node.capacity, node.allocated)
            guard taken.cpuMillis <= all.cpuMillis, taken.memory <= all.memory, taken.disk <= all.disk,
                taken.gpus <= all.gpus, taken.tasks <= all.tasks
            else { throw PlacementRun.wrong("\(node.name) is oversold") }
            for ask in shapes {
                let fits =
                    taken.cpuMillis + (ask.cpuMillis ?? 0) <= all.cpuMillis
                    && taken.memory.bytes + (ask.memory?.bytes ?? 0) <= all.memory.bytes
                    && taken.disk.bytes + (ask.disk?.bytes ?? 0) <= all.disk.bytes
                    && taken.gpus + (ask.gpus ?? 0) <= all.gpus && taken.tasks < all.tasks
                if fits { throw PlacementRun.wrong("\(ask) waits, and \(node.name) has room") }
            }
        }
    }

    private func memory() throws -> Double { try ProcessFacts(getpid()).memory("Rss") * 1_048_576 }

    private func node(_ offer: Offer, _ index: Int, _ number: UInt64) -> Node {
        Node(
            id: NodeID(time: Timestamp(microseconds: 0), random: number), name: "node-\(index)",
            state: .ready,
            capacity: Capacity(
                cpuMillis: offer.capacity.cpuMillis, memory: ByteCount(offer.capacity.memory),
                disk: ByteCount(offer.capacity.disk), gpus: Int(offer.capacity.gpus),
                tasks: Int(offer.capacity.tasks)),
            allocated: Capacity(), architecture: "x86_64", operatingSystem: "linux", version: "0",
            runtimes: [RuntimeStatus(kind: .process, isAvailable: true, detail: "cgroup v2")],
            registeredAt: Timestamp(microseconds: 0), labels: offer.labels)
    }

    private func spec(_ ask: Ask) -> TaskSpec {
        var spec = TaskSpec(executable: "/bin/true")
        spec.resources = Resources(
            cpuMillis: ask.amounts.cpuMillis, memory: ByteCount(ask.amounts.memory),
            disk: ByteCount(ask.amounts.disk), gpus: ask.amounts.gpus > 0 ? Int(ask.amounts.gpus) : nil)
        return spec
    }
}
