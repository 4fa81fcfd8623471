import ClusterModel
import Core
import TaskDecisions
import Testing

@Suite("A node that is lost")
struct LossTests {
    private static func found(_ record: TaskRecord, exit: FoundAttempt.Exit? = nil) -> FoundAttempt {
        FoundAttempt(
            attempt: record.current!.id, task: record.id, runtime: record.spec.runtime, startedAt: origin,
            exit: exit)
    }

    /// A second node, for what the first one loses.
    private static func spare(_ bench: Bench) -> Node {
        var node = bench.node
        node.id = bench.counter.next()
        node.name = "two"
        return node
    }

    @Test("takes no new tasks, keeps those it has, and says what becomes of them")
    func waits() throws {
        var bench = Bench()
        let record = try bench.running { $0.restart = RestartPolicy(mode: .always) }
        let (decision, delays) = bench.core.lose(bench.node.id, because: "silent", at: seconds(1))
        #expect(delays == [.seconds(30)])
        #expect(decision.launches.isEmpty)
        let after = bench.state(record)
        #expect(after.state == .running)
        #expect(after.reason.contains("'one' is lost (silent)"))
        #expect(after.reason.contains("30s"))
        let (waiting, _) = try bench.submit("other")
        #expect(waiting.state == .pending)
        #expect(bench.state(waiting).reason.contains("is lost (silent)"))
    }

    @Test("is disconnected until its lease is over, and no news of a connection makes it anything else then")
    func disconnected() throws {
        var bench = Bench()
        let record = try bench.running()
        func node() -> Node? { bench.core.nodes[bench.node.id] }
        _ = bench.core.disconnect(bench.node.id, because: "cut", at: seconds(1))
        #expect(node()?.state == .disconnected)
        #expect(bench.state(record).reason == "running")
        let (waiting, _) = try bench.submit("other")
        #expect(bench.state(waiting).reason.contains("is disconnected (cut)"))
        // Its time is not over.
        #expect(bench.core.replace(bench.node.id, lostFor: .seconds(30), at: seconds(2)).isEmpty)
        _ = bench.core.lose(bench.node.id, because: "silent", at: seconds(3))
        #expect(node()?.state == .lost)
        _ = bench.core.disconnect(bench.node.id, because: "no route to host", at: seconds(4))
        #expect(node()?.state == .lost)
        #expect(node()?.reason == "no route to host")
        _ = bench.core.replace(bench.node.id, lostFor: .seconds(30), at: seconds(33))
        #expect(bench.state(record).attempts.first?.outcome == .lost)
    }

    @Test("that comes back in time keeps its tasks, which say again what they said")
    func returnsInTime() throws {
        var bench = Bench()
        let record = try bench.running()
        _ = bench.core.lose(bench.node.id, because: "silent", at: seconds(1))
        let decision = bench.core.join(
            bench.node, found: [.process: [Self.found(record)], .docker: []], at: seconds(2))
        #expect(bench.state(record).reason == "running")
        #expect(bench.state(record).attemptCount == 1)
        #expect(decision.launches.isEmpty)
        #expect(bench.core.replace(bench.node.id, lostFor: .seconds(30), at: seconds(40)).isEmpty)
    }

    @Test("gives its tasks up after the grace, and another takes them")
    func replaced() throws {
        var bench = Bench()
        let record = try bench.running()
        _ = bench.core.join(Self.spare(bench), found: [.process: [], .docker: []], at: seconds(0))
        _ = bench.core.lose(bench.node.id, because: "silent", at: seconds(1))
        var decision = bench.core.replace(bench.node.id, lostFor: .seconds(30), at: seconds(31))
        #expect(bench.state(record).attempts.first?.outcome == .lost)
        decision += bench.core.wake(record.id, at: seconds(60))
        #expect(decision.launches.count == 1)
        #expect(bench.state(record).attempts.last?.node != bench.node.id)
    }

    @Test("that comes back after that ends its copy, so that one is left")
    func oneSurvives() throws {
        var bench = Bench()
        let record = try bench.running()
        _ = bench.core.join(Self.spare(bench), found: [.process: [], .docker: []], at: seconds(0))
        _ = bench.core.lose(bench.node.id, because: "silent", at: seconds(1))
        _ = bench.core.replace(bench.node.id, lostFor: .seconds(30), at: seconds(31))
        _ = bench.core.wake(record.id, at: seconds(60))
        let decision = bench.core.join(
            bench.node, found: [.process: [Self.found(record)], .docker: []], at: seconds(61))
        let stops = decision.directives.compactMap { directive -> AttemptID? in
            if case .stop(let place, _) = directive { place.attempt } else { nil }
        }
        #expect(stops == [record.current!.id])
    }

    @Test("keeps what must not run twice until its worker has stopped it")
    func stopAfter() throws {
        var bench = Bench()
        let patient = try bench.running("patient") { spec in
            spec.onDisconnect = .stopAfter
            spec.stopAfter = Seconds(60)
        }
        let hasty = try bench.running("hasty")
        let (_, delays) = bench.core.lose(bench.node.id, because: "silent", at: seconds(1))
        #expect(delays == [.seconds(30), .seconds(75)])
        _ = bench.core.replace(bench.node.id, lostFor: .seconds(30), at: seconds(31))
        #expect(bench.state(patient).state == .running)
        #expect(bench.state(hasty).state == .pending)
        _ = bench.core.replace(bench.node.id, lostFor: .seconds(75), at: seconds(76))
        #expect(bench.state(patient).state == .pending)
    }

    @Test("ends what was asked to stop")
    func stopping() throws {
        var bench = Bench()
        let record = try bench.running()
        _ = try bench.core.stop(record.id, grace: nil, at: seconds(1))
        _ = bench.core.lose(bench.node.id, because: "silent", at: seconds(2))
        _ = bench.core.replace(bench.node.id, lostFor: .seconds(30), at: seconds(32))
        #expect(bench.state(record).state == .stopped)
    }

    @Test("may be one that never joined this manager")
    func unknown() throws {
        var bench = Bench(joined: false)
        var (record, _) = try bench.submit()
        record.state = .running
        record.attempts = [
            Attempt(
                id: bench.counter.next(), number: 1, node: bench.node.id, epoch: 1, state: .running,
                createdAt: origin)
        ]
        bench.core.restore(record, idempotencyKey: nil)
        #expect(bench.core.knownNodes == [bench.node.id])
        let (_, delays) = bench.core.lose(bench.node.id, because: "silent", at: seconds(1))
        #expect(delays == [.seconds(30)])
        _ = bench.core.replace(bench.node.id, lostFor: .seconds(30), at: seconds(31))
        #expect(bench.state(record).state == .pending)
    }

    /// The node is lost with a task that needs most of it, given up, and back with its copy.
    private static func returned(_ bench: inout Bench) throws -> TaskRecord {
        let record = try bench.running { $0.resources.cpuMillis = 1500 }
        _ = bench.core.lose(bench.node.id, because: "silent", at: seconds(1))
        _ = bench.core.replace(bench.node.id, lostFor: .seconds(30), at: seconds(31))
        _ = bench.core.join(
            bench.node, found: [.process: [found(record)], .docker: []], at: seconds(32))
        return record
    }

    @Test("has no room for others while it ends its copy of what was given up")
    func counted() throws {
        var bench = Bench()
        let lost = try Self.returned(&bench)
        #expect(bench.core.nodes[bench.node.id]?.allocated.cpuMillis == 1500)
        let (other, decision) = try bench.submit("other") { $0.resources.cpuMillis = 1000 }
        #expect(decision.launches.isEmpty)
        #expect(bench.state(other).state == .pending)
        let after = bench.core.observe(
            .exited(code: 137, at: seconds(33), reason: "killed"), of: lost.current!.id, task: lost.id,
            at: seconds(33))
        #expect(after.launches.map(\.task) == [other.id])
        #expect(bench.core.remnants(on: bench.node.id) == Capacity())
    }

    @Test(
        "has no room for others while a start of what was given up may be under way, which is given up as well"
    )
    func startingStill() throws {
        var bench = Bench()
        let (record, _) = try bench.submit("slow") { $0.resources.cpuMillis = 1500 }
        let attempt = try #require(bench.state(record).current)
        let place = AttemptPlace(
            task: record.id, attempt: attempt.id, node: bench.node.id, runtime: .process)
        _ = bench.core.lose(bench.node.id, because: "silent", at: seconds(1))
        _ = bench.core.replace(bench.node.id, lostFor: .seconds(30), at: seconds(31))
        _ = try bench.core.stop(record.id, grace: nil, at: seconds(31))
        let nothing: [RuntimeKind: [FoundAttempt]] = [.process: [], .docker: []]
        var core = bench.core
        let joined = core.join(bench.node, found: nothing, at: seconds(32))
        #expect(joined.directives == [.cancelLaunch(place)])
        #expect(core.remnants(on: bench.node.id).cpuMillis == 1500)
        // The start was given up in time.
        var given = core
        _ = given.observe(.startCancelled, of: attempt.id, task: record.id, at: seconds(33))
        #expect(given.remnants(on: bench.node.id) == Capacity())
        // It was done before, and what it started is ended.
        var done = core
        let ended = done.observe(
            .started(at: seconds(32), ports: [], warnings: []), of: attempt.id, task: record.id,
            at: seconds(33))
        #expect(ended.directives == [.stop(place, grace: .zero)])
        #expect(done.remnants(on: bench.node.id).cpuMillis == 1500)
        _ = done.observe(
            .exited(code: 137, at: seconds(34), reason: "killed"), of: attempt.id, task: record.id,
            at: seconds(34))
        #expect(done.remnants(on: bench.node.id) == Capacity())
        // There was none: nobody answers, and after some lists it is certain.
        _ = core.settle(bench.node.id, .process, found: [], at: seconds(47))
        #expect(core.remnants(on: bench.node.id).cpuMillis == 1500)
        _ = core.settle(bench.node.id, .process, found: [], at: seconds(107))
        #expect(core.remnants(on: bench.node.id) == Capacity())
    }

    @Test(
        "counts what was given up in all of its runtimes before it takes others, after a restart of the manager too"
    )
    func countedFirst() throws {
        var bench = Bench()
        let container = try bench.running {
            ($0.executable, $0.image, $0.resources.cpuMillis) = (nil, "busybox", 1000)
        }
        let process = try bench.running { $0.resources.cpuMillis = 900 }
        _ = bench.core.lose(bench.node.id, because: "silent", at: seconds(1))
        _ = bench.core.replace(bench.node.id, lostFor: .seconds(30), at: seconds(31))
        let (next, _) = try bench.submit("next") { $0.resources.cpuMillis = 1500 }
        var core = TaskCore(epoch: 2, limits: .init()) { [counter = bench.counter] in counter.next() }
        core.restore(container, idempotencyKey: nil)
        core.restore(bench.state(process), idempotencyKey: nil)
        core.restore(bench.state(next), idempotencyKey: nil)
        let exit = FoundAttempt.Exit(code: 0, endedAt: seconds(20), reason: "exit")
        _ = core.join(
            bench.node,
            found: [.docker: [Self.found(container, exit: exit)], .process: [Self.found(process)]],
            at: seconds(32))
        let node = try #require(core.nodes[bench.node.id])
        #expect(core.remnants(on: node.id).cpuMillis == 900)
        #expect(node.allocated.cpuMillis <= node.capacity.cpuMillis)
    }

    @Test("has room again when its runtime does not know the copy any more")
    func vanished() throws {
        var bench = Bench()
        _ = try Self.returned(&bench)
        let (other, _) = try bench.submit("other") { $0.resources.cpuMillis = 1000 }
        let after = bench.core.settle(bench.node.id, .process, found: [], at: seconds(34))
        #expect(after.launches.map(\.task) == [other.id])
    }

    @Test("is forgotten with what it may still run, and counts that when it is back all the same")
    func forgottenAndBack() throws {
        var bench = Bench()
        let record = try bench.running { $0.resources.cpuMillis = 1500 }
        _ = bench.core.lose(bench.node.id, because: "silent", at: seconds(1))
        _ = try bench.core.forget(bench.node.id, at: seconds(2))
        _ = bench.core.join(
            bench.node, found: [.process: [Self.found(record)], .docker: []], at: seconds(3))
        let (other, decision) = try bench.submit("other") { $0.resources.cpuMillis = 1000 }
        #expect(decision.launches.isEmpty)
        #expect(bench.state(other).state == .pending)
        let after = bench.core.observe(
            .exited(code: 137, at: seconds(4), reason: "killed"), of: record.current!.id, task: record.id,
            at: seconds(4))
        #expect(after.launches.map(\.task) == [other.id])
    }
}
