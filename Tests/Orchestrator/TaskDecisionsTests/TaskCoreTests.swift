import ClusterModel
import Core
import TaskDecisions
import Testing

struct TaskCoreTests {
    @Test func `a task with room is scheduled in the same decision that accepts it`() throws {
        var bench = Bench()
        let (record, decision) = try bench.submit("job")
        #expect(record.state == .scheduled)
        #expect(record.reason == "starting on one")
        #expect(decision.changes == [.put(record)])
        #expect(decision.launches.map(\.taskName) == ["job"])
    }

    @Test func `an exit code of zero completes a task and gives its room back`() throws {
        var bench = Bench()
        let record = try bench.running { $0.resources.cpuMillis = 1500 }
        #expect(bench.core.nodes[bench.node.id]!.allocated.cpuMillis == 1500)
        _ = bench.exit(record, code: 0, at: seconds(1))
        #expect(bench.state(record).state == .completed)
        #expect(bench.state(record).finishedAt == seconds(1))
        #expect(bench.state(record).current?.outcome == .completed)
        #expect(bench.core.nodes[bench.node.id]!.allocated == Capacity())
    }

    @Test func `another exit code fails it with the reason`() throws {
        var bench = Bench()
        let record = try bench.running()
        _ = bench.exit(record, code: 3)
        #expect(bench.state(record).state == .failed)
        #expect(bench.state(record).reason == "exit code 3")
        #expect(bench.state(record).current?.exitCode == 3)
    }

    @Test func `the same key gives the same task`() throws {
        var bench = Bench()
        let (first, _) = try bench.submit(key: "k")
        let (second, decision) = try bench.submit(key: "k")
        #expect(first.id == second.id)
        #expect(decision.isEmpty)
    }

    @Test func `a name is given once in a project`() throws {
        var bench = Bench()
        let (first, _) = try bench.submit("web")
        #expect(throws: TaskRefusal.nameTaken("web", by: first.id)) { try bench.submit("web") }
    }

    @Test func `a name is free again after the task was removed`() throws {
        var bench = Bench()
        let record = try bench.running("web")
        _ = bench.exit(record, code: 0)
        let decision = try bench.core.remove(record.id)
        #expect(decision.changes == [.delete(record.id, project: record.project)])
        #expect(decision.directives.count == 1)
        #expect(throws: TaskRefusal.self) { try bench.submit("web") }
        bench.core.removed(record.id)
        _ = try bench.submit("web")
    }

    @Test func `what runs cannot be removed`() throws {
        var bench = Bench()
        let record = try bench.running()
        #expect(throws: TaskRefusal.self) { try bench.core.remove(record.id) }
    }

    @Test func `a task without room says what each node lacks and starts when room comes`() throws {
        var bench = Bench()
        let first = try bench.running { $0.resources.memory = .mebibytes(800) }
        let (second, decision) = try bench.submit { $0.resources.memory = .mebibytes(500) }
        #expect(second.state == .pending)
        #expect(second.reason == "waiting for room: one has 224Mi of 1Gi memory free, asked are 500Mi")
        #expect(decision.launches.isEmpty)
        let after = bench.exit(first, code: 0)
        #expect(after.launches.map(\.task) == [second.id])
    }

    @Test func `higher priority goes first, then age`() throws {
        var bench = Bench()
        let first = try bench.running { $0.resources.cpuMillis = 2000 }
        let (low, _) = try bench.submit { $0.resources.cpuMillis = 2000 }
        let (high, _) = try bench.submit {
            $0.resources.cpuMillis = 2000
            $0.priority = 5
        }
        let after = bench.exit(first, code: 0)
        #expect(after.launches.map(\.task) == [high.id])
        #expect(bench.state(low).state == .pending)
    }

    @Test func `an engine that is missing is said at once`() throws {
        var bench = Bench(docker: false)
        #expect(throws: TaskRefusal.noRuntime(.docker, detail: "no engine answers")) {
            try bench.submit {
                $0.executable = nil
                $0.image = "busybox"
            }
        }
        #expect(bench.core.tasks.isEmpty)
    }

    @Test func `the number of unfinished tasks is bounded`() throws {
        var bench = Bench(limits: .init(unfinished: 1))
        let record = try bench.running()
        #expect(throws: TaskRefusal.full(limit: 1)) { try bench.submit() }
        _ = bench.exit(record, code: 0)
        _ = try bench.submit()
    }

    @Test func `a withdrawn submission leaves nothing`() throws {
        var bench = Bench()
        let (record, _) = try bench.submit("job", key: "k") { $0.resources.cpuMillis = 500 }
        _ = bench.core.withdraw(record.id, at: origin)
        #expect(bench.core.tasks.isEmpty)
        #expect(bench.core.nodes[bench.node.id]!.allocated == Capacity())
        let (again, decision) = try bench.submit("job", key: "k")
        #expect(again.id != record.id)
        #expect(decision.launches.count == 1)
    }

    @Test func `the place of a withdrawn submission goes to who waits for it`() throws {
        var bench = Bench()
        let (first, _) = try bench.submit { $0.resources.cpuMillis = 2000 }
        let (second, _) = try bench.submit { $0.resources.cpuMillis = 2000 }
        #expect(bench.core.withdraw(first.id, at: origin).launches.map(\.task) == [second.id])
    }

    @Test func `a removal that could not be stored gives the task back with its name and key`() throws {
        var bench = Bench()
        let record = try bench.running("web") { _ in }
        _ = bench.exit(record, code: 0)
        let (keyed, _) = try bench.submit("keyed", key: "k")
        _ = bench.observe(.startFailed(reason: "no such command", retry: false), keyed)
        for id in [record.id, keyed.id] {
            _ = try bench.core.remove(id)
            #expect(bench.core.tasks[id] == nil)
            bench.core.keep(id)
        }
        #expect(bench.core.find("web", project: "default")?.id == record.id)
        #expect(try bench.submit("other", key: "k").0.id == keyed.id)
    }

    @Test func `a submission waits for the removal of the task of its name or key`() throws {
        var bench = Bench()
        let (record, _) = try bench.submit("web", key: "k")
        _ = bench.observe(.startFailed(reason: "no such command", retry: false), record)
        _ = try bench.core.remove(record.id)
        let spec = record.spec
        func held(_ name: String, _ key: String?) -> Bool {
            bench.core.isHeldUp(
                Submission(
                    id: bench.counter.next(), name: name, project: "default", spec: spec, principal: "p",
                    idempotencyKey: key))
        }
        #expect(held("web", nil))
        #expect(held("other", "k"))
        #expect(!held("other", nil))
        bench.core.removed(record.id)
        #expect(!held("web", "k"))
    }

    @Test func `finished tasks expire, oldest first`() throws {
        var bench = Bench()
        let old = try bench.running()
        _ = bench.exit(old, code: 0, at: seconds(10))
        let young = try bench.running()
        _ = bench.exit(young, code: 0, at: seconds(20))
        for _ in 0..<2 { bench.core.ripen() }
        let decision = bench.core.expire(finishedBefore: seconds(15))
        #expect(decision.changes == [.delete(old.id, project: old.project)])
        #expect(bench.core.tasks.keys.sorted() == [young.id])
    }

    @Test func `an image that does not exist fails the task for good`() throws {
        var bench = Bench()
        let (record, _) = try bench.submit { $0.restart.mode = .always }
        _ = bench.observe(.startFailed(reason: "no such image", retry: false), record)
        #expect(bench.state(record).state == .failed)
        #expect(bench.state(record).reason == "no such image")
        #expect(bench.state(record).current?.exitCode == nil)
    }

    @Test func `an engine that is away for a moment is tried again`() throws {
        var bench = Bench()
        let (record, _) = try bench.submit()
        let decision = bench.observe(.startFailed(reason: "engine away", retry: true), record)
        #expect(bench.state(record).state == .pending)
        #expect(bench.state(record).reason == "engine away; trying again in 500ms")
        #expect(decision.wakes == [seconds(0.5)])
        #expect(bench.core.wake(record.id, at: seconds(0.5)).launches.count == 1)
    }

    @Test func `a task that is never restarted fails when what it needs stays away`() throws {
        var bench = Bench(limits: .init(startTries: 2))
        let (record, _) = try bench.submit()
        var now = origin
        for _ in 0..<2 {
            let decision = bench.observe(.startFailed(reason: "registry away", retry: true), record, at: now)
            now = decision.wakes[0]
            _ = bench.core.wake(record.id, at: now)
        }
        _ = bench.observe(.startFailed(reason: "registry away", retry: true), record, at: now)
        #expect(bench.state(record).state == .failed)
        #expect(bench.state(record).reason == "registry away")
    }

    @Test func `a service waits for what it needs as long as it takes`() throws {
        var bench = Bench(limits: .init(startTries: 1))
        let (record, _) = try bench.submit { $0.restart.mode = .onFailure }
        var now = origin
        for _ in 0..<5 {
            let decision = bench.observe(.startFailed(reason: "registry away", retry: true), record, at: now)
            now = decision.wakes[0]
            _ = bench.core.wake(record.id, at: now)
        }
        #expect(bench.state(record).state == .scheduled)
    }

    @Test func `an old attempt's late news changes nothing`() throws {
        var bench = Bench()
        let record = try bench.running { $0.restart = RestartPolicy(mode: .always) }
        let old = record.current!.id
        _ = bench.exit(record, code: 0)
        _ = bench.core.wake(record.id, at: seconds(1))
        let late = AttemptEvent.exited(code: 9, at: seconds(2), reason: "late")
        let decision = bench.core.observe(late, of: old, task: record.id, at: seconds(2))
        #expect(decision.isEmpty)
        #expect(bench.state(record).state == .scheduled)
    }

    @Test func `a task is found by name and by identifier, in its project only`() throws {
        var bench = Bench()
        let (record, _) = try bench.submit("web")
        #expect(bench.core.find("web", project: "default")?.id == record.id)
        #expect(bench.core.find(record.id.text, project: "default")?.id == record.id)
        #expect(bench.core.find("web", project: "other") == nil)
        #expect(bench.core.find(record.id.text, project: "other") == nil)
    }
}
