import ClusterModel
import Core
import Scheduling
import Testing

@testable import TaskDecisions

@Suite("Ports of nodes")
struct PortTests {
    /// Two nodes with ports to choose from.
    private func bench(range: PortRange? = PortRange(first: 20_000, last: 20_009), nodes: Int = 2) -> Bench {
        var bench = Bench(joined: false)
        for number in 1...nodes { join(&bench, number, range) }
        return bench
    }

    private func node(_ bench: Bench, _ number: Int, _ range: PortRange?) -> Node {
        var node = bench.node
        node.id = NodeID(time: Timestamp(microseconds: 0), random: UInt64(1000 + number))
        node.name = "n\(number)"
        node.ports = range
        return node
    }

    private func join(
        _ bench: inout Bench, _ number: Int, _ range: PortRange?, found: [FoundAttempt] = []
    ) {
        _ = bench.core.join(node(bench, number, range), found: [.process: found, .docker: []], at: origin)
    }

    private func submit(_ bench: inout Bench, _ ports: PortMapping...) throws -> (TaskRecord, Decision) {
        try bench.submit { $0.ports = ports }
    }

    @Test func `one that is asked for is a constraint, and the wait for it says so`() throws {
        var bench = bench()
        let web = PortMapping(container: 80, host: 8080)
        let first = try submit(&bench, web).0
        let second = try submit(&bench, web).0
        #expect(Set([first, second].map { $0.current?.node }).count == 2)
        let third = try submit(&bench, web).0
        #expect(third.state == .pending)
        #expect(third.reason == "waiting for room: n1 has port 8080 taken; n2 has port 8080 taken")
        let report = try #require(bench.core.explain(third.id))
        #expect(report.obstacles.map { "\($0.nodes) \($0.reason)" } == ["2 have port 8080 taken"])
        #expect(report.remedies.count == 1)
        _ = bench.observe(.started(at: origin, ports: first.current!.ports, warnings: []), first)
        #expect(bench.exit(bench.state(first), code: 0).launches.map(\.task) == [third.id])
    }

    @Test func `a chosen port is kept, though somebody has it by the other transport`() throws {
        var bench = bench(range: PortRange(first: 20_000, last: 20_001), nodes: 1)
        let web = PortMapping(container: 80, host: 8080)
        let victim = try bench.running { $0.ports = [web] }
        let (winner, _) = try bench.submit {
            $0.priority = 5
            $0.ports = [web, PortMapping(container: 81)]
        }
        _ = bench.core.wake(winner.id, at: origin)
        #expect(bench.state(victim).state == .stopping)
        for port: UInt16 in 20_000...20_001 {
            let other = try submit(&bench, PortMapping(container: 53, host: port, transport: .udp)).0
            #expect(other.state == .scheduled)
        }
        let decision = bench.exit(victim, code: 0)
        let launch = try #require(decision.launches.first { $0.task == winner.id })
        #expect((20_000...20_001).contains(launch.spec.ports.last?.host ?? 0))
    }

    @Test func `one that is not is chosen, told to the worker and kept with the attempt`() throws {
        var bench = bench(nodes: 1)
        let (record, decision) = try submit(
            &bench, PortMapping(container: 80, name: "http"), PortMapping(container: 53, transport: .udp))
        let given = try #require(record.current?.ports)
        #expect(given.map(\.name) == ["http", nil])
        #expect(given.map(\.transport) == [.tcp, .udp])
        #expect(given.allSatisfy { (20_000...20_009).contains($0.host ?? 0) })
        #expect(Set(given.map(\.host)).count == 2)
        #expect(decision.launches.map(\.spec.ports) == [given])
        // What it asks for stays what was asked.
        #expect(record.spec.ports.map(\.host) == [nil, nil])
    }

    @Test func `none is given out twice after the manager has started again`() throws {
        var before = bench(range: PortRange(first: 20_000, last: 20_002), nodes: 1)
        let running = try submit(&before, PortMapping(container: 80)).0
        _ = before.observe(.started(at: origin, ports: running.current!.ports, warnings: []), running)
        let starting = try submit(&before, PortMapping(container: 80)).0

        var after = Bench(joined: false)
        for _ in 0..<10 { _ = after.counter.next(TaskKind.self) }
        after.core.restore(before.state(running), idempotencyKey: nil)
        after.core.restore(before.state(starting), idempotencyKey: nil)
        let found = FoundAttempt(
            attempt: running.current!.id, task: running.id, runtime: .process, startedAt: origin,
            ports: running.current!.ports)
        join(&after, 1, PortRange(first: 20_000, last: 20_002), found: [found])
        // The one that was being started has the same again.
        #expect(after.state(starting).current?.ports == starting.current?.ports)
        let third = try submit(&after, PortMapping(container: 80)).0
        let hosts = [running, starting, third].map { after.state($0).current?.ports.first?.host }
        #expect(Set(hosts) == [20_000, 20_001, 20_002])
        let fourth = try submit(&after, PortMapping(container: 80)).0
        #expect(fourth.state == .pending)
    }

    @Test func `where another program has it, another node is tried at once`() throws {
        var bench = bench()
        let record = try submit(&bench, PortMapping(container: 80, host: 8080)).0
        let first = try #require(record.current)
        _ = bench.observe(
            .startFailed(reason: "port 8080 is in use", retry: true, busyPorts: [HostPort(8080)]), record)
        #expect(bench.state(record).reason == "port 8080 is in use")
        let decision = bench.core.wake(record.id, at: origin)
        #expect(decision.launches.count == 1)
        #expect(bench.state(record).current?.node != first.node)
        #expect(bench.state(record).restartStreak == 0)
    }

    @Test func `where it is on all nodes, it is tried again later, and then says why it failed`() throws {
        var bench = bench(nodes: 1)
        let record = try submit(&bench, PortMapping(container: 80, host: 8080)).0
        var now = origin
        for _ in 0..<TaskCore.Limits().startTries {
            let failed = bench.observe(
                .startFailed(reason: "port 8080 is in use", retry: true, busyPorts: [HostPort(8080)]), record,
                at: now)
            #expect(bench.state(record).state == .pending)
            #expect(bench.state(record).reason.hasPrefix("port 8080 is in use; trying again in "))
            // Meanwhile nobody else is sent there for it.
            let other = try submit(&bench, PortMapping(container: 80, host: 8080))
            #expect(other.0.reason == "waiting for room: n1 has port 8080 in use by another program")
            _ = try bench.core.stop(other.0.id, grace: nil, at: now)
            now = try #require(failed.wakes.first)
            #expect(bench.core.wake(record.id, at: now).launches.count == 1)
        }
        _ = bench.observe(
            .startFailed(reason: "port 8080 is in use", retry: true, busyPorts: [HostPort(8080)]), record,
            at: now)
        #expect(bench.state(record).state == .failed)
        #expect(bench.state(record).reason == "port 8080 is in use")
    }

    @Test func `who waits for a port of another program is woken when it is tried again`() throws {
        var bench = bench(nodes: 1)
        let record = try submit(&bench, PortMapping(container: 80, host: 8080)).0
        _ = bench.observe(
            .startFailed(reason: "port 8080 is in use", retry: true, busyPorts: [HostPort(8080)]), record)
        let (other, decision) = try submit(&bench, PortMapping(container: 80, host: 8080))
        let wake = try #require(decision.wakes.first)
        _ = try bench.core.stop(record.id, grace: nil, at: origin)
        #expect(bench.core.wake(other.id, at: wake).launches.map(\.task) == [other.id])
    }

    @Test func `where one that was chosen is not free, another is`() throws {
        var bench = bench(nodes: 1)
        let record = try submit(&bench, PortMapping(container: 80)).0
        let first = try #require(record.current?.ports.first?.host)
        let failed = bench.observe(
            .startFailed(reason: "in use", retry: true, busyPorts: [HostPort(first)]), record)
        #expect(failed.wakes == [origin])
        #expect(bench.core.wake(record.id, at: origin).launches.count == 1)
        #expect(bench.state(record).current?.ports.first?.host != first)
    }

    @Test func `what a lost node still has of a task that is elsewhere keeps its port`() throws {
        var bench = bench(nodes: 1)
        let record = try submit(&bench, PortMapping(container: 80, host: 8080)).0
        let attempt = try #require(record.current)
        _ = bench.observe(.started(at: origin, ports: attempt.ports, warnings: []), record)
        _ = bench.core.lose(attempt.node, because: "no sign of life", at: origin)
        _ = bench.core.replace(attempt.node, lostFor: .seconds(3600), at: origin)
        let found = FoundAttempt(
            attempt: attempt.id, task: record.id, runtime: .process, startedAt: origin, ports: attempt.ports)
        join(&bench, 1, nil, found: [found])
        _ = bench.core.wake(record.id, at: seconds(60))
        #expect(bench.state(record).reason == "waiting for room: n1 has port 8080 taken")
        let ended = bench.core.observe(
            .exited(code: 137, at: origin, reason: "killed"), of: attempt.id, task: record.id, at: origin)
        #expect(ended.launches.map(\.task) == [record.id])
    }

    @Test func `what a node without a range has chosen is taken once it is told`() throws {
        var bench = bench(range: nil, nodes: 1)
        let record = try submit(&bench, PortMapping(container: 80)).0
        #expect(record.current?.ports == [])
        _ = bench.observe(
            .started(at: origin, ports: [PortMapping(container: 80, host: 40_000)], warnings: []), record)
        let same = try submit(&bench, PortMapping(container: 80, host: 40_000)).0
        #expect(same.state == .pending)
    }

    @Test func `a plan knows which ports are taken`() throws {
        var bench = bench(nodes: 1)
        let web = PortMapping(container: 80, host: 8080)
        _ = try submit(&bench, web)
        var rehearsal = bench.core.rehearsal(project: "default", tasks: [])
        let spec = TaskSpec(executable: "/bin/true", ports: [web])
        let place = rehearsal.place(bench.counter.next(), spec)
        #expect(place == .waits("waiting for room: n1 has port 8080 taken"))
    }
}
