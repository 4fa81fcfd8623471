import ClusterModel
import Core
import TaskDecisions
import Testing

@Suite("Rebalancing")
struct RebalanceTests {
    /// A node of 2 cores with `count` tasks of half a core, and one like it that has just joined.
    private static func bench(
        _ count: Int = 4, _ change: (inout TaskSpec) -> Void = { $0.restart.mode = .always }
    ) throws -> (bench: Bench, tasks: [TaskRecord], two: Node) {
        var bench = Bench()
        var tasks: [TaskRecord] = []
        for number in 0..<count {
            tasks.append(
                try bench.running("t\(number)") {
                    $0.resources.cpuMillis = 500
                    change(&$0)
                })
        }
        var two = bench.node
        two.id = bench.counter.next()
        two.name = "two"
        _ = bench.core.join(two, found: [.process: [], .docker: []], at: origin)
        return (bench, tasks, two)
    }

    private static func carryOut(_ bench: inout Bench, _ moves: [RebalanceMove]) -> [RebalanceMove] {
        let (begun, _) = bench.core.rebalance(moves, at: origin)
        for move in begun {
            let record = bench.core.tasks[move.task]!
            _ = bench.exit(record, code: 143)
            _ = bench.core.wake(move.task, at: origin)
            _ = bench.observe(.started(at: origin, ports: [], warnings: []), record)
        }
        return begun
    }

    @Test("half of a full node's tasks go to one that is empty, and then nothing is left to do")
    func half() throws {
        var (bench, _, two) = try Self.bench()
        let plan = bench.core.rebalancePlan(services: [], limit: 10)
        #expect(plan.map(\.name) == ["t0", "t1"])
        #expect(plan.allSatisfy { $0.from == "one" && $0.to == "two" })
        #expect(plan.first?.reason == "one is 100 % full with 4 tasks, two 0 % with 0; then 75 % and 25 %")
        #expect(Self.carryOut(&bench, plan).count == 2)
        #expect(bench.core.nodes[two.id]?.allocated.tasks == 2)
        #expect(bench.core.nodes[bench.node.id]?.allocated.tasks == 2)
        #expect(bench.core.rebalancePlan(services: [], limit: 10) == [])
    }

    @Test("what is moved says where and why, is a drained attempt, and starts on its new node")
    func told() throws {
        var (bench, tasks, two) = try Self.bench()
        let plan = bench.core.rebalancePlan(services: [], limit: 1)
        let (begun, decision) = bench.core.rebalance(plan, at: origin)
        #expect(begun == plan)
        #expect(decision.stops == 1)
        #expect(bench.state(tasks[0]).state == .stopping)
        #expect(
            bench.state(tasks[0]).reason.hasPrefix("moving to node 'two', to rebalance: one is 100 % full"))
        #expect(bench.core.rebalancing == [tasks[0].id])
        _ = bench.exit(tasks[0], code: 143)
        let after = bench.core.wake(tasks[0].id, at: origin)
        #expect(after.launches.count == 1)
        #expect(bench.state(tasks[0]).current?.node == two.id)
        #expect(bench.state(tasks[0]).attempts.map(\.outcome) == [.drained, nil])
        #expect(bench.state(tasks[0]).attempts[0].reason?.contains("to rebalance") == true)
        #expect(bench.core.rebalancing == [])
    }

    @Test("no more are under way than said, and what ends meanwhile is not begun")
    func limit() throws {
        var (bench, tasks, _) = try Self.bench()
        let plan = bench.core.rebalancePlan(services: [], limit: 2)
        _ = bench.exit(tasks[1], code: 0)
        let (begun, _) = bench.core.rebalance(plan, at: origin)
        #expect(begun.map(\.name) == ["t0"])
        #expect(bench.core.rebalancePlan(services: [], limit: 1) == [])
    }

    @Test("tasks that are not restarted whatever ends them stay, and those that say so")
    func stays() throws {
        for change: (inout TaskSpec) -> Void in [
            { $0.restart.mode = .never }, { $0.restart.mode = .onFailure },
            {
                $0.restart.mode = .always
                $0.labels[TaskCore.rebalanceLabel] = "never"
            },
        ] {
            let (bench, _, _) = try Self.bench(4, change)
            #expect(bench.core.rebalancePlan(services: [], limit: 10) == [])
        }
    }

    @Test("of a service one instance moves at a time, while the others do their work")
    func service() throws {
        var (bench, tasks, _) = try Self.bench(4) { $0.restart.mode = .never }
        let services = [tasks.map(\.id)]
        let first = bench.core.rebalancePlan(services: services, limit: 10)
        #expect(first.count == 1)
        let (begun, _) = bench.core.rebalance(first, at: origin)
        #expect(begun.count == 1)
        // It is on its way: none of the others may go.
        #expect(bench.core.rebalancePlan(services: services, limit: 10) == [])
        _ = bench.exit(tasks[0], code: 143)
        _ = bench.core.wake(tasks[0].id, at: origin)
        #expect(bench.core.rebalancePlan(services: services, limit: 10) == [])
        _ = bench.observe(.started(at: origin, ports: [], warnings: []), tasks[0])
        #expect(bench.core.rebalancePlan(services: services, limit: 10).map(\.name) == ["t1"])
        // A service of one would be away meanwhile.
        #expect(bench.core.rebalancePlan(services: [[tasks[1].id]], limit: 10) == [])
    }

    @Test("nodes that take no tasks are left alone, and nothing moves for hardly anything")
    func settled() throws {
        var (bench, _, two) = try Self.bench()
        _ = try bench.core.obey(NodeOrders(service: .cordoned), about: two.id, at: origin)
        #expect(bench.core.rebalancePlan(services: [], limit: 10) == [])
        _ = try bench.core.obey(NodeOrders(service: .open), about: two.id, at: origin)
        _ = bench.core.disconnect(two.id, because: "cut", at: origin)
        #expect(bench.core.rebalancePlan(services: [], limit: 10) == [])
        let (even, _, _) = try Self.bench(1)
        #expect(even.core.rebalancePlan(services: [], limit: 10) == [])
    }

    @Test("a task whose new node is full or gone by then starts wherever there is room")
    func late() throws {
        var (bench, tasks, two) = try Self.bench()
        _ = bench.core.rebalance(bench.core.rebalancePlan(services: [], limit: 1), at: origin)
        _ = bench.core.disconnect(two.id, because: "cut", at: origin)
        _ = bench.exit(tasks[0], code: 143)
        _ = bench.core.wake(tasks[0].id, at: origin)
        #expect(bench.state(tasks[0]).current?.node == bench.node.id)
    }

    @Test("a task that is asked to stop while it moves is stopped")
    func stopped() throws {
        var (bench, tasks, _) = try Self.bench()
        _ = bench.core.rebalance(bench.core.rebalancePlan(services: [], limit: 1), at: origin)
        _ = try bench.core.stop(tasks[0].id, grace: nil, at: origin)
        _ = bench.exit(tasks[0], code: 143)
        #expect(bench.state(tasks[0]).state == .stopped)
        #expect(bench.core.rebalancing == [])
    }

    @Test("what asks for nothing is counted")
    func weightless() throws {
        let (bench, _, _) = try Self.bench(5) {
            $0.restart.mode = .always
            $0.resources.cpuMillis = nil
        }
        #expect(bench.core.rebalancePlan(services: [], limit: 10).count == 2)
    }
}
