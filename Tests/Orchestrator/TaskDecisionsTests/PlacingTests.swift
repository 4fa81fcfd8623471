import ClusterModel
import Core
import Scheduling
import TaskDecisions
import Testing

struct PlacingTests {
    /// A bench with `count` more nodes, in zones a and b by turns.
    private func bench(_ count: Int) -> Bench {
        var bench = Bench()
        for index in 0..<count {
            var node = bench.node
            node.id = bench.counter.next()
            node.name = "more-\(index)"
            node.labels = ["zone": index % 2 == 0 ? "a" : "b"]
            _ = bench.core.join(node, found: [.process: [], .docker: []], at: origin)
        }
        return bench
    }

    @Test func `a task goes where its constraints hold, and rather where its preferences do`() throws {
        var bench = bench(4)
        let (only, _) = try bench.submit { $0.constraints = [Constraint("node.name", .isIn, ["more-2"])] }
        #expect(bench.core.nodes[only.current!.node]!.name == "more-2")
        let (rather, _) = try bench.submit {
            $0.affinities = [Affinity(Constraint("zone", .isIn, ["b"]), weight: 100)]
        }
        #expect(bench.core.nodes[rather.current!.node]!.labels["zone"] == "b")
    }

    @Test func `on many nodes the reason counts what rules them out`() throws {
        var bench = bench(4)
        let (record, _) = try bench.submit {
            $0.constraints = [Constraint("zone", .isIn, ["a"])]
            $0.resources.memory = .gibibytes(2)
        }
        #expect(record.reason == "waiting for room: of 5 nodes 3 are not 'zone = a', 2 are too small: memory")
        let report = bench.core.explain(record.id)
        #expect(report?.possible == 0)
        #expect(
            report?.remedies == [
                "drop the constraint 'zone = a', or label a node so (node.labels)",
                "ask for less memory, or add a larger node",
            ])
    }

    @Test func `places are counted once when a node joins again`() throws {
        var bench = Bench()
        let record = try bench.running { $0.resources.cpuMillis = 1500 }
        let found = FoundAttempt(
            attempt: record.current!.id, task: record.id, runtime: .process, startedAt: origin)
        _ = bench.core.join(bench.node, found: [.process: [found], .docker: []], at: origin)
        let (waits, _) = try bench.submit { $0.resources.cpuMillis = 1500 }
        #expect(waits.state == .pending)
        let decision = bench.exit(record, code: 0)
        #expect(decision.launches.map(\.task) == [waits.id])
        let (small, _) = try bench.submit { $0.resources.cpuMillis = 500 }
        #expect(small.state == .scheduled)
    }
}
