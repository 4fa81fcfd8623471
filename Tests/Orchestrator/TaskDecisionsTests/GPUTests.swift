import ClusterModel
import Core
import Testing

@testable import TaskDecisions

@Suite("GPUs of nodes")
struct GPUTests {
    private static let gpus = (0..<4).map {
        GPU(index: $0, uuid: "GPU-\($0)", name: "A100", memory: .gibibytes(40))
    }

    private func node(_ bench: Bench) -> Node {
        var node = bench.node
        (node.gpus, node.capacity.gpus) = (Self.gpus, Self.gpus.count)
        return node
    }

    private func bench() -> Bench {
        var bench = Bench(joined: false)
        _ = bench.core.join(node(bench), found: [.process: [], .docker: []], at: origin)
        return bench
    }

    private func found(_ record: TaskRecord) -> FoundAttempt {
        FoundAttempt(attempt: record.current!.id, task: record.id, runtime: .process, startedAt: origin)
    }

    @Test func `each goes to one attempt, and is told to it`() throws {
        var bench = bench()
        let (one, decision) = try bench.submit { $0.resources.gpus = 3 }
        #expect(one.current?.gpus?.map(\.index) == [0, 1, 2])
        #expect(decision.launches.map(\.gpus) == [one.current?.gpus])
        let (two, _) = try bench.submit { $0.resources.gpus = 1 }
        #expect(two.current?.gpus == [AssignedGPU(index: 3, uuid: "GPU-3")])
        let (three, _) = try bench.submit { $0.resources.gpus = 2 }
        #expect(three.reason == "waiting for room: one has 0 of 4 GPUs free, asked are 2")
        _ = bench.observe(.started(at: origin, ports: [], warnings: []), one)
        #expect(bench.exit(bench.state(one), code: 0).launches.flatMap(\.gpus).map(\.index) == [0, 1])
        #expect(try bench.submit().0.current?.gpus == nil)
    }

    @Test func `none is given twice after the manager has started again`() throws {
        var before = bench()
        let (one, _) = try before.submit { $0.resources.gpus = 2 }
        var after = Bench(joined: false)
        for _ in 0..<10 { _ = after.counter.next(TaskKind.self) }
        after.core.restore(before.state(one), idempotencyKey: nil)
        let decision = after.core.join(
            node(after, id: before.node.id), found: [.process: [], .docker: []], at: origin)
        // It is started again, with the same.
        #expect(decision.launches.map(\.gpus) == [one.current?.gpus])
        let (two, _) = try after.submit { $0.resources.gpus = 2 }
        #expect(two.current?.gpus?.map(\.index) == [2, 3])
    }

    private func node(_ bench: Bench, id: NodeID) -> Node {
        var node = node(bench)
        node.id = id
        return node
    }

    @Test func `what a lost node still has of a task that is elsewhere keeps them`() throws {
        var bench = bench()
        let (record, _) = try bench.submit { $0.resources.gpus = 2 }
        _ = bench.observe(.started(at: origin, ports: [], warnings: []), record)
        _ = bench.core.lose(bench.node.id, because: "no sign of life", at: origin)
        _ = bench.core.replace(bench.node.id, lostFor: .seconds(3600), at: origin)
        _ = bench.core.join(
            node(bench), found: [.process: [found(record)], .docker: []], at: origin)
        let (other, _) = try bench.submit { $0.resources.gpus = 2 }
        #expect(other.current?.gpus?.map(\.index) == [2, 3])
        _ = bench.core.observe(
            .exited(code: 137, at: origin, reason: "killed"), of: record.current!.id, task: record.id,
            at: origin)
        #expect(try bench.submit { $0.resources.gpus = 2 }.0.current?.gpus?.map(\.index) == [0, 1])
    }

    @Test func `one that vanishes is given to nobody, and who has it is told`() throws {
        var bench = bench()
        let record = try bench.running { $0.resources.gpus = 2 }
        _ = bench.core.update(bench.node.id, gpus: Array(Self.gpus[1...]), at: origin)
        #expect(bench.state(record).current?.gpus?.map(\.isMissing) == [true, nil])
        #expect(bench.state(record).state == .running)
        #expect(bench.core.nodes[bench.node.id]?.gpus?.map(\.isMissing) == [true, nil, nil, nil])
        // It counts as long as the task has it, so that the others can be had meanwhile.
        #expect(bench.core.nodes[bench.node.id]?.capacity.gpus == 4)
        #expect(try bench.submit { $0.resources.gpus = 2 }.0.current?.gpus?.map(\.index) == [2, 3])
        let (waiting, _) = try bench.submit { $0.resources.gpus = 2 }
        #expect(waiting.state == .pending)
        _ = bench.exit(bench.state(record), code: 1)
        #expect(bench.core.nodes[bench.node.id]?.capacity.gpus == 3)
        #expect(bench.core.nodes[bench.node.id]?.gpus?.map(\.index) == [1, 2, 3])
        #expect(bench.state(waiting).reason == "waiting for room: one has 1 of 3 GPUs free, asked are 2")
        // Back: what waited for it is placed.
        let decision = bench.core.update(bench.node.id, gpus: Self.gpus, at: origin)
        #expect(decision.launches.flatMap(\.gpus).map(\.index) == [0, 1])
    }

    @Test func `one that is back before its task is over is the task's again`() throws {
        var bench = bench()
        let record = try bench.running { $0.resources.gpus = 1 }
        _ = bench.core.update(bench.node.id, gpus: [], at: origin)
        #expect(bench.core.nodes[bench.node.id]?.capacity.gpus == 1)
        #expect(bench.state(record).current?.gpus?.map(\.isMissing) == [true])
        _ = bench.core.update(bench.node.id, gpus: Self.gpus, at: origin)
        #expect(bench.state(record).current?.gpus?.map(\.isMissing) == [nil])
        #expect(bench.core.nodes[bench.node.id]?.capacity.gpus == 4)
        #expect(try bench.submit { $0.resources.gpus = 4 }.0.state == .pending)
        #expect(bench.core.update(bench.node.id, gpus: Self.gpus, at: origin).isEmpty)
    }

    @Test func `a node that comes back without one says so of its tasks`() throws {
        var bench = bench()
        let record = try bench.running { $0.resources.gpus = 2 }
        _ = bench.core.disconnect(bench.node.id, because: "cut", at: origin)
        var node = node(bench)
        (node.gpus, node.capacity.gpus) = (Array(Self.gpus[1...]), 3)
        _ = bench.core.join(node, found: [.process: [found(record)], .docker: []], at: origin)
        #expect(bench.state(record).current?.gpus?.map(\.isMissing) == [true, nil])
        #expect(bench.core.nodes[bench.node.id]?.capacity.gpus == 4)
        #expect(try bench.submit { $0.resources.gpus = 2 }.0.current?.gpus?.map(\.index) == [2, 3])
    }

    @Test func `of a node that does not tell which it has the runtime chooses`() throws {
        var bench = Bench(joined: false)
        var node = bench.node
        node.capacity.gpus = 2
        _ = bench.core.join(node, found: [.process: [], .docker: []], at: origin)
        let (record, _) = try bench.submit { $0.resources.gpus = 1 }
        #expect(record.state == .scheduled)
        #expect(record.current?.gpus == nil)
    }
}
