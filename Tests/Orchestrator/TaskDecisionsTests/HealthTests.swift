import ClusterModel
import Core
import TaskDecisions
import Testing

private let check = HealthCheck(http: .init(path: "/health", port: 8080))

extension Decision {
    fileprivate var probes: [ProbeOrder] {
        directives.compactMap { if case .probe(let order) = $0 { order } else { nil } }
    }
}

struct HealthTests {
    @Test func `what has begun to run is probed, and is starting until a probe succeeds`() throws {
        var bench = Bench()
        let (record, _) = try bench.submit { $0.health = check }
        let ports = [PortMapping(container: 8080, host: 4711)]
        let decision = bench.observe(.started(at: origin, ports: ports, warnings: []), record)
        #expect(decision.probes.map(\.check) == [check])
        #expect(decision.probes.first?.ports == ports)
        #expect(decision.probes.first?.known == .starting)
        #expect(bench.state(record).health?.state == .starting)
        _ = bench.observe(.health(.healthy, reason: "GET :8080/health answered 200"), record, at: seconds(2))
        let health = Health(
            state: .healthy, reason: "GET :8080/health answered 200", since: seconds(2))
        #expect(bench.state(record).health == health)
        #expect(bench.state(record).state == .running)
    }

    @Test func `another reason in the same state keeps since when, and the same news changes nothing`() throws
    {
        var bench = Bench()
        let record = try bench.running { $0.health = check }
        _ = bench.observe(.health(.healthy, reason: "a"), record, at: seconds(1))
        _ = bench.observe(.health(.healthy, reason: "b"), record, at: seconds(9))
        #expect(bench.state(record).health == Health(state: .healthy, reason: "b", since: seconds(1)))
        #expect(bench.observe(.health(.healthy, reason: "b"), record, at: seconds(10)).isEmpty)
    }

    @Test func `what is unhealthy is ended, and the policy starts it again with the reason kept`() throws {
        var bench = Bench()
        let record = try bench.running {
            $0.health = check
            $0.restart = RestartPolicy(mode: .onFailure, wait: Seconds(1))
        }
        let why = "GET :8080/health answered 503 (3 times in a row)"
        let decision = bench.observe(.health(.unhealthy, reason: why), record)
        #expect(decision.stops == 1)
        #expect(bench.state(record).state == .stopping)
        #expect(bench.state(record).reason == "unhealthy: \(why)")
        // Whatever its exit code: a server that is asked politely to end says 0.
        _ = bench.exit(record, code: 0)
        #expect(bench.state(record).state == .pending)
        #expect(bench.state(record).reason == "unhealthy: \(why); restarting in 1s")
        #expect(bench.state(record).current?.outcome == .failed)
        #expect(bench.state(record).current?.reason == "unhealthy: \(why)")
        let again = bench.core.wake(record.id, at: seconds(1))
        #expect(again.launches.count == 1)
        #expect(bench.state(record).health == nil)
    }

    @Test func `without a restart policy what is unhealthy has failed`() throws {
        var bench = Bench()
        let record = try bench.running { $0.health = check }
        _ = bench.observe(.health(.unhealthy, reason: "no"), record)
        _ = bench.exit(record, code: 143)
        #expect(bench.state(record).state == .failed)
        #expect(bench.state(record).reason == "unhealthy: no")
    }

    @Test func `probes of what is stopped, moved or over say nothing`() throws {
        var bench = Bench()
        let stopped = try bench.running { $0.health = check }
        _ = try bench.core.stop(stopped.id, grace: nil, at: origin)
        #expect(bench.observe(.health(.unhealthy, reason: "no"), stopped).isEmpty)
        _ = bench.exit(stopped, code: 143)
        #expect(bench.observe(.health(.healthy, reason: "yes"), stopped).isEmpty)
        #expect(bench.state(stopped).reason.hasPrefix("stopped"))
        let moved = try bench.running { $0.health = check }
        _ = try bench.core.obey(NodeOrders(service: .drained), about: bench.node.id, at: origin)
        #expect(bench.observe(.health(.unhealthy, reason: "no"), moved).isEmpty)
    }

    @Test func `a node that comes back probes what it still runs, from what was known`() throws {
        var bench = Bench()
        let record = try bench.running { $0.health = check }
        _ = bench.observe(.health(.healthy, reason: "yes"), record)
        let attempt = bench.state(record).current!
        let found = FoundAttempt(
            attempt: attempt.id, task: record.id, runtime: .process, startedAt: origin)
        let decision = bench.core.join(bench.node, found: [.process: [found], .docker: []], at: origin)
        #expect(decision.probes.map(\.known) == [.healthy])
        #expect(bench.state(record).health?.state == .healthy)
        // One that is being ended is not.
        _ = bench.observe(.health(.unhealthy, reason: "no"), record)
        let again = bench.core.join(bench.node, found: [.process: [found], .docker: []], at: origin)
        #expect(again.probes.isEmpty)
        #expect(again.stops == 1)
    }

    @Test func `what is without a check has no health`() throws {
        var bench = Bench()
        let (record, _) = try bench.submit()
        let decision = bench.observe(.started(at: origin, ports: [], warnings: []), record)
        #expect(decision.probes.isEmpty)
        #expect(bench.state(record).health == nil)
    }
}
