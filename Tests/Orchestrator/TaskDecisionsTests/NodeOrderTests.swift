import ClusterModel
import Core
import Scheduling
import TaskDecisions
import Testing

@Suite("Orders about nodes")
struct NodeOrderTests {
    private static func spare(_ bench: Bench) -> Node {
        var node = bench.node
        node.id = bench.counter.next()
        node.name = "two"
        return node
    }

    private static func order(
        _ bench: inout Bench, _ service: NodeOrders.Service, at now: Timestamp = origin
    ) throws -> Decision { try bench.core.obey(NodeOrders(service: service), about: bench.node.id, at: now) }

    private static func node(_ bench: Bench) -> Node { bench.core.nodes[bench.node.id]! }

    @Test("a cordoned node keeps its tasks and takes no others, which say why")
    func cordon() throws {
        var bench = Bench()
        let running = try bench.running()
        _ = try Self.order(&bench, .cordoned)
        #expect(Self.node(bench).state == .cordoned)
        #expect(bench.state(running).state == .running)
        let (waiting, _) = try bench.submit("other")
        #expect(waiting.state == .pending)
        #expect(waiting.reason.contains("is cordoned"))
        let decision = try Self.order(&bench, .open)
        #expect(decision.launches.count == 1)
        #expect(Self.node(bench).state == .ready)
        #expect(Self.node(bench).reason == nil)
    }

    @Test("a drained node's tasks end and start elsewhere, whatever their restart policy and code")
    func drain() throws {
        var bench = Bench()
        let record = try bench.running()
        _ = bench.core.join(Self.spare(bench), found: [.process: [], .docker: []], at: origin)
        let decision = try Self.order(&bench, .drained)
        #expect(decision.directives.contains { if case .stop = $0 { true } else { false } })
        #expect(Self.node(bench).state == .draining)
        #expect(bench.state(record).state == .stopping)
        #expect(bench.state(record).reason.contains("is drained"))
        var after = bench.exit(record, code: 143, at: seconds(1))
        after += bench.core.wake(record.id, at: seconds(1))
        #expect(Self.node(bench).state == .drained)
        #expect(bench.state(record).attempts.map(\.outcome) == [.drained, nil])
        #expect(after.launches.count == 1)
        #expect(bench.state(record).current?.node != bench.node.id)
    }

    @Test("a task that was asked to stop is stopped, and not moved")
    func stopWhileDraining() throws {
        var bench = Bench()
        let record = try bench.running()
        _ = try Self.order(&bench, .drained)
        _ = try bench.core.stop(record.id, grace: nil, at: origin)
        _ = bench.exit(record, code: 143, at: seconds(1))
        #expect(bench.state(record).state == .stopped)
    }

    @Test("a start that is under way is given up, and one that succeeds all the same is ended")
    func startWhileDraining() throws {
        var bench = Bench()
        let (record, _) = try bench.submit()
        let decision = try Self.order(&bench, .drained)
        #expect(decision.directives.contains { if case .cancelLaunch = $0 { true } else { false } })
        let later = bench.observe(.started(at: origin, ports: [], warnings: []), record)
        #expect(later.directives.contains { if case .stop = $0 { true } else { false } })
    }

    @Test("orders outlive the node's absence, and a drained node that is back is drained still")
    func absence() throws {
        var bench = Bench()
        let record = try bench.running()
        _ = bench.core.disconnect(bench.node.id, because: "cut", at: seconds(1))
        _ = try Self.order(&bench, .drained, at: seconds(2))
        #expect(Self.node(bench).state == .disconnected)
        let found = FoundAttempt(
            attempt: bench.state(record).current!.id, task: record.id, runtime: .process, startedAt: origin)
        let decision = bench.core.join(bench.node, found: [.process: [found], .docker: []], at: seconds(3))
        #expect(Self.node(bench).state == .draining)
        #expect(decision.directives.contains { if case .stop = $0 { true } else { false } })
    }

    @Test("labels count beside those of the worker and in their place, and what waits for one is placed")
    func labels() throws {
        var bench = Bench()
        var node = bench.node
        node.labels = ["zone": "a", "disk": "ssd"]
        _ = bench.core.join(node, found: [.process: [], .docker: []], at: origin)
        let (waiting, _) = try bench.submit {
            $0.constraints = [Constraint("zone", .isIn, ["b"])]
        }
        #expect(waiting.state == .pending)
        let orders = NodeOrders(labels: ["zone": "b"], hiddenLabels: ["disk"])
        let decision = try bench.core.obey(orders, about: node.id, at: origin)
        #expect(Self.node(bench).labels == ["zone": "b"])
        #expect(decision.launches.count == 1)
        #expect(bench.core.description(of: node.id)?.labels == ["zone": "a", "disk": "ssd"])
    }

    @Test("only a lost node is forgotten, and its tasks go elsewhere")
    func forget() throws {
        var bench = Bench()
        let record = try bench.running { spec in
            spec.onDisconnect = .stopAfter
            spec.stopAfter = Seconds(3600)
        }
        #expect(throws: NodeRefusal.connected(name: "one")) {
            try bench.core.forget(bench.node.id, at: origin)
        }
        _ = bench.core.lose(bench.node.id, because: "silent", at: origin)
        _ = try bench.core.forget(bench.node.id, at: seconds(1))
        #expect(bench.core.nodes.isEmpty)
        #expect(bench.state(record).state == .pending)
        #expect(throws: NodeRefusal.unknown) { try bench.core.forget(bench.node.id, at: origin) }
    }

    @Test(
        "a node that was known before a restart is disconnected until it is back or its lease is over, with its orders"
    )
    func restored() throws {
        var bench = Bench(joined: false)
        bench.core.restore(bench.node, orders: NodeOrders(service: .cordoned, labels: ["a": "b"]))
        #expect(Self.node(bench).state == .disconnected)
        #expect(Self.node(bench).labels == ["a": "b"])
        _ = bench.core.join(bench.node, found: [.process: [], .docker: []], at: origin)
        #expect(Self.node(bench).state == .cordoned)
        #expect(Self.node(bench).labels == ["a": "b"])
    }

    @Test("after a restart who waits says why it does so now, before any node is back")
    func restoredReasons() throws {
        var bench = Bench()
        _ = try Self.order(&bench, .drained)
        let (waiting, _) = try bench.submit()
        #expect(waiting.reason == "waiting for room: one is drained (takes no tasks, as ordered)")
        var next = Bench(joined: false)
        next.core.restore(waiting, idempotencyKey: nil)
        next.core.restore(bench.node, orders: NodeOrders(service: .drained))
        let decision = next.core.restored()
        #expect(decision.changes.map(\.task) == [waiting.id])
        #expect(
            next.state(waiting).reason
                == "waiting for room: one is disconnected (has not come back since the manager started)")
    }
}

@Suite("Draining by a deadline")
struct DrainDeadlineTests {
    private func drain(_ bench: inout Bench, by deadline: Timestamp?, at now: Timestamp = origin) throws
        -> Decision
    {
        try bench.core.obey(
            NodeOrders(service: .drained, drainBy: deadline), about: bench.node.id, at: now)
    }

    @Test("what is still there at the deadline is killed, and starts elsewhere")
    func deadline() throws {
        var bench = Bench()
        let record = try bench.running { $0.stopGrace = Seconds(3600) }
        let decision = try drain(&bench, by: seconds(60))
        #expect(decision.graces == [.seconds(3600)])
        #expect(decision.wakes == [seconds(60)])
        #expect(bench.core.wake(record.id, at: seconds(59)).wakes == [seconds(60)])
        #expect(bench.core.wake(record.id, at: seconds(60)).graces == [.zero])
        _ = bench.exit(record, code: 137, at: seconds(61))
        #expect(bench.state(record).attempts[0].outcome == .drained)
        #expect(bench.state(record).state == .pending)
    }

    @Test("asked again, the new deadline counts, also for what ends already")
    func anotherDeadline() throws {
        var bench = Bench()
        let record = try bench.running { $0.stopGrace = Seconds(3600) }
        #expect(try drain(&bench, by: nil).wakes.isEmpty)
        #expect(try drain(&bench, by: seconds(10)).wakes == [seconds(10)])
        #expect(bench.core.wake(record.id, at: seconds(10)).graces == [.zero])
    }

    @Test("the deadline outlives the manager")
    func restart() throws {
        var bench = Bench()
        let record = try bench.running { $0.stopGrace = Seconds(3600) }
        _ = try drain(&bench, by: seconds(10))
        var next = Bench(joined: false)
        next.core.restore(bench.state(record), idempotencyKey: nil)
        next.core.restore(bench.node, orders: bench.core.orders(of: bench.node.id))
        let found = FoundAttempt(
            attempt: record.current!.id, task: record.id, runtime: .process, startedAt: origin)
        let joined = next.core.join(bench.node, found: [.process: [found], .docker: []], at: seconds(5))
        #expect(joined.wakes == [seconds(10)])
    }
}
