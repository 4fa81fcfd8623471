import ClusterModel
import Core
import Scheduling
import Synchronization
import TaskDecisions

/// ``PreemptionRun`` through the whole core: what is stopped ends, waits again, and starts once there is room.
struct PreemptionCoreRun: Sendable {
    func run() throws -> Double {
        let counter = Atomic<UInt64>(1)
        let make: @Sendable () -> UInt64 = { counter.add(1, ordering: .relaxed).newValue }
        var core = TaskCore(epoch: 1, limits: .init(unfinished: 1 << 20)) {
            AttemptID(time: Timestamp(microseconds: 0), random: make())
        }
        let now = Timestamp(microseconds: 1)
        for index in 0..<5000 {
            let node = Node(
                id: NodeID(time: now, random: make()), name: "node-\(index)", state: .ready,
                capacity: Capacity(cpuMillis: 16_000, memory: .gibibytes(64), tasks: 100),
                allocated: Capacity(), architecture: "x86_64", operatingSystem: "linux", version: "0",
                runtimes: [RuntimeStatus(kind: .process, isAvailable: true, detail: "cgroup v2")],
                registeredAt: now)
            _ = core.join(node, found: [.process: []], at: now)
        }
        func submit(_ cpu: Int64, _ memory: Int64, _ priority: Int) throws -> (TaskRecord, Decision) {
            var spec = TaskSpec(executable: "/bin/true", priority: priority)
            spec.resources = Resources(cpuMillis: cpu, memory: .gibibytes(memory))
            return try core.submit(
                Submission(
                    id: TaskID(time: now, random: make()), name: nil, project: "default", spec: spec,
                    principal: "user://local/admin"), at: now)
        }
        for _ in 0..<20_000 {
            let (low, _) = try submit(4000, 16, 0)
            guard let attempt = low.current else { throw PlacementRun.wrong("the cell is not filled") }
            _ = core.observe(
                .started(at: now, ports: [], warnings: []), of: attempt.id, task: low.id, at: now)
        }
        let start = ProcessorTime.now
        var stopped = 0
        for index in 0..<5000 {
            let (record, _) = try submit([9000, 6000, 7000, 10_000][index % 4], 8, 100)
            let decision = core.wake(record.id, at: now)
            for case .stop(let place, _) in decision.directives {
                stopped += 1
                _ = core.observe(
                    .exited(code: 143, at: now, reason: "ended by SIGTERM"), of: place.attempt,
                    task: place.task, at: now)
                _ = core.wake(place.task, at: now)
            }
            guard core.tasks[record.id]?.state == .scheduled else {
                throw PlacementRun.wrong("important task \(index) waits: \(core.tasks[record.id]!.reason)")
            }
        }
        let elapsed = ProcessorTime.now - start
        for node in core.nodes.values {
            guard node.allocated.cpuMillis <= node.capacity.cpuMillis, node.reserved == nil else {
                throw PlacementRun.wrong("\(node.name) is oversold")
            }
        }
        let waiting = core.tasks.values.filter { $0.state == .pending }
        guard waiting.allSatisfy({ $0.reason.hasPrefix("preempted by '") }) else {
            throw PlacementRun.wrong("a task that was stopped does not say for whom")
        }
        return 5000 / elapsed
    }
}
