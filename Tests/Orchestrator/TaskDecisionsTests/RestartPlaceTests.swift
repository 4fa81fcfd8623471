import ClusterModel
import Core
import Scheduling
import TaskDecisions
import Testing

struct RestartPlaceTests {
    /// A bench with a second node, "two", like the first.
    private func pair(cores: Int64 = 2) -> (Bench, second: NodeID) {
        var bench = Bench()
        var node = bench.node
        node = Node(
            id: bench.counter.next(), name: "two", state: .ready,
            capacity: Capacity(
                cpuMillis: cores * 1000, memory: .gibibytes(1), disk: .gibibytes(10), tasks: 100),
            allocated: Capacity(), architecture: node.architecture, operatingSystem: node.operatingSystem,
            version: "0", runtimes: node.runtimes, registeredAt: origin)
        _ = bench.core.join(node, found: [.process: [], .docker: []], at: origin)
        return (bench, node.id)
    }

    /// Fails so many times, and says on which nodes the attempts were.
    private func fail(_ bench: inout Bench, _ record: TaskRecord, times: Int, code: Int32 = 1) -> [NodeID] {
        for _ in 0..<times {
            let wakes = bench.exit(record, code: code).wakes
            _ = bench.core.wake(record.id, at: wakes[0])
            _ = bench.observe(.started(at: origin, ports: [], warnings: []), record)
        }
        return bench.state(record).attempts.map(\.node)
    }

    @Test func `a failing task is restarted on its node first, then elsewhere, and there again`() throws {
        var (bench, two) = pair()
        let record = try bench.running { $0.restart = RestartPolicy(mode: .onFailure, wait: Seconds(0)) }
        let one = bench.state(record).current!.node
        let other = one == two ? bench.node.id : two
        #expect(fail(&bench, record, times: 6) == [one, one, one, other, other, other, one])
    }

    @Test func `reasons say where it goes and why`() throws {
        var (bench, two) = pair()
        let record = try bench.running {
            $0.restart = RestartPolicy(mode: .onFailure, wait: Seconds(1), factor: 1, sameNode: 1)
        }
        let isFirst = bench.state(record).current!.node != two
        let (here, there) = isFirst ? ("one", "two") : ("two", "one")
        #expect(
            bench.core.explain(record.id)?.next
                == "after a failure on \(here) again, if that takes it (0 of 1 restarts in a row were there), else elsewhere"
        )
        _ = bench.exit(record, code: 1)
        #expect(bench.state(record).reason == "exit code 1; restarting in 1s on \(here)")
        _ = bench.core.wake(record.id, at: seconds(1))
        #expect(bench.state(record).reason == "starting on \(here)")
        _ = bench.observe(.started(at: seconds(1), ports: [], warnings: []), record)
        #expect(
            bench.core.explain(record.id)?.next
                == "after a failure elsewhere than on \(here), if another node takes it: 2 failures in a row there"
        )
        _ = bench.exit(record, code: 1, at: seconds(1))
        #expect(
            bench.state(record).reason
                == "exit code 1; restarting in 1s, elsewhere than on \(here): 2 failures in a row there")
        _ = bench.core.wake(record.id, at: seconds(2))
        #expect(bench.state(record).reason == "starting on \(there) after 2 failures in a row on \(here)")
    }

    @Test func `where no other node takes it, it stays where it fails`() throws {
        var (bench, _) = pair()
        let record = try bench.running {
            $0.restart = RestartPolicy(mode: .onFailure, wait: Seconds(0), sameNode: 0)
            $0.constraints = [.init("node.name", .isIn, ["one"])]
        }
        #expect(Set(fail(&bench, record, times: 3)) == [bench.node.id])
        _ = bench.exit(record, code: 1)
        _ = bench.core.wake(record.id, at: seconds(1))
        #expect(
            bench.state(record).reason
                == "starting on one again after 4 failures in a row there: no other node takes it now")
    }

    @Test func `where its own node has no room left it goes elsewhere at once`() throws {
        var (bench, two) = pair()
        let record = try bench.running {
            $0.restart = RestartPolicy(mode: .onFailure, wait: Seconds(1))
            $0.resources.cpuMillis = 2000
        }
        let one = bench.state(record).current!.node
        _ = bench.exit(record, code: 1)
        let name = one == two ? "two" : "one"
        _ = try bench.submit {
            $0.resources.cpuMillis = 2000
            $0.constraints = [.init("node.name", .isIn, [name])]
        }
        _ = bench.core.wake(record.id, at: seconds(1))
        #expect(bench.state(record).current!.node != one)
        #expect(bench.state(record).reason.hasSuffix(": \(name), where it was, does not take it now"))
        #expect(bench.state(record).nodeStreak == nil)
    }

    @Test func `ends without a failure count against no node`() throws {
        var (bench, _) = pair()
        let record = try bench.running { $0.restart = RestartPolicy(mode: .always, wait: Seconds(0)) }
        #expect(Set(fail(&bench, record, times: 5, code: 0)).count == 1)
    }

    @Test func `a long run forgets the failures before it`() throws {
        var (bench, _) = pair()
        let record = try bench.running {
            $0.restart = RestartPolicy(mode: .onFailure, wait: Seconds(0), window: Seconds(5))
        }
        _ = fail(&bench, record, times: 2)
        #expect(bench.state(record).nodeStreak == 2)
        _ = bench.exit(record, code: 1, at: seconds(10))
        _ = bench.core.wake(record.id, at: seconds(10))
        #expect(Set(bench.state(record).attempts.map(\.node)).count == 1)
        #expect(bench.state(record).nodeStreak == 1)
    }

    @Test func `starts that fail count too`() throws {
        var (bench, _) = pair()
        let (record, _) = try bench.submit {
            $0.image = "busybox"; $0.executable = nil
        }
        for _ in 0..<3 {
            let wakes = bench.observe(.startFailed(reason: "no registry", retry: true), record).wakes
            _ = bench.core.wake(record.id, at: wakes[0])
        }
        let nodes = bench.state(record).attempts.map(\.node)
        #expect(nodes[0] == nodes[1] && nodes[1] == nodes[2] && nodes[2] != nodes[3])
    }

    @Test func `with one node nothing is said of others`() throws {
        var bench = Bench()
        let record = try bench.running { $0.restart = RestartPolicy(mode: .always, wait: Seconds(1)) }
        _ = bench.exit(record, code: 1)
        #expect(bench.state(record).reason == "exit code 1; restarting in 1s")
        #expect(bench.core.explain(record.id)?.next == nil)
    }
}
