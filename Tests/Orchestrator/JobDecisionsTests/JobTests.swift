import ClusterModel
import Core
import JobDecisions
import JobModel
import Testing

@Suite struct JobTests {
    private func service(_ instances: Int, image: String = "a", update: UpdatePolicy = UpdatePolicy())
        -> JobSpec
    {
        JobSpec(
            name: "web", update: update,
            tasks: [JobTask(name: "web", instances: instances, spec: TaskSpec(image: image))])
    }

    private func batch(_ tasks: [JobTask]) -> JobSpec { JobSpec(name: "sums", type: .batch, tasks: tasks) }

    private func up(_ spec: JobSpec) -> JobTwin {
        var twin = JobTwin(spec)
        twin.settle()
        twin.beginAll()
        twin.pass(5)
        twin.settle()
        return twin
    }

    // MARK: Services

    @Test func `a service has as many tasks as it asks for, and is running when they are ready`() {
        var twin = JobTwin(service(3))
        twin.turn()
        #expect(twin.tasks.count == 3)
        twin.settle()
        #expect(twin.work.job.state == .pending)
        twin.beginAll()
        twin.settle()
        #expect(twin.work.job.state == .pending, "they have not run for long enough")
        #expect(twin.wakeAt == twin.now.advanced(by: .seconds(1)))
        twin.pass(1)
        twin.settle()
        #expect(twin.work.job.state == .running)
        #expect(twin.work.job.reason == "3 of 3 are ready")
    }

    @Test func `an instance with a health check counts only when it has been healthy for long enough`() {
        var twin = JobTwin(service(1))
        twin.settle()
        let task = twin.live[0]
        twin.begin(task, isHealthy: false)
        twin.tasks[task]?.reason = "GET :80/ answered 503"
        twin.pass(60)
        twin.settle()
        #expect(twin.work.job.state == .pending)
        #expect(twin.work.job.reason.hasSuffix("GET :80/ answered 503"))
        twin.begin(task)
        twin.settle()
        #expect(twin.work.job.state == .pending)
        #expect(twin.wakeAt == twin.now.advanced(by: .seconds(1)))
        twin.pass(1)
        twin.settle()
        #expect(twin.work.job.state == .running)
    }

    @Test func `a version that does not become healthy replaces nothing, and is reverted at its deadline`()
        throws
    {
        var twin = up(service(2, update: UpdatePolicy(progressDeadline: Seconds(30))))
        let old = Set(twin.live)
        try twin.work.run(
            service(2, image: "b", update: UpdatePolicy(progressDeadline: Seconds(30))), by: "user",
            at: twin.now)
        twin.settle()
        for task in twin.live where !old.contains(task) { twin.begin(task, isHealthy: false) }
        twin.pass(20)
        twin.settle()
        #expect(old.isSubset(of: twin.tasks(in: [.running])))
        twin.pass(20)
        twin.settle()
        twin.endStopping()
        twin.settle()
        #expect(twin.work.job.rollout?.revertsTo == 1 || twin.work.job.version == 3)
        #expect(Set(twin.tasks(in: [.running])) == old)
    }

    @Test func `an instance that ends is replaced after a wait that grows`() {
        var twin = up(service(1))
        for wait in [1, 1, 2, 4] {
            twin.finish(twin.live[0], .failed)
            twin.settle()
            #expect(twin.live.isEmpty)
            twin.pass(wait)
            twin.settle()
            #expect(twin.live.count == 1)
        }
    }

    @Test func `a clock that is set back while an instance waits does not make it wait longer`() {
        var twin = up(service(1))
        twin.finish(twin.live[0], .failed)
        twin.settle()
        #expect(twin.live.isEmpty)
        twin.pass(-3600)
        twin.settle()
        #expect(twin.live.count == 1)
    }

    @Test func `a clock that is set back does not make what runs wait to be ready`() {
        var twin = up(service(1))
        twin.pass(-3600)
        twin.settle()
        #expect(twin.work.job.groups.map(\.ready) == [1])
        #expect(twin.work.job.state == .running)
    }

    @Test func `scaling keeps the instances there are and ends the highest`() throws {
        var twin = up(service(2))
        let first = twin.live
        try twin.work.scale(nil, to: 4, by: "user", at: twin.now)
        twin.settle()
        #expect(Set(twin.live).isSuperset(of: first))
        #expect(twin.live.count == 4)
        twin.beginAll()
        twin.pass(5)
        twin.settle()
        #expect(twin.work.job.state == .running)
        try twin.work.scale(nil, to: 1, by: "user", at: twin.now)
        twin.settle()
        twin.endStopping()
        twin.settle()
        #expect(twin.live.map { twin.indices[$0] } == ["web[0]"])
    }

    @Test func `an update that fails goes back by itself, and one may go back by hand`() throws {
        var twin = up(service(2))
        #expect(twin.work.job.history.last?.isStable == true)
        try twin.work.run(service(2, image: "bad"), by: "user", at: twin.now)
        for _ in 0..<40 where twin.work.job.version == 2 {
            twin.settle(2)
            for task in twin.tasks(in: [.pending]) { twin.finish(task, .failed) }
            twin.pass(3)
        }
        #expect(twin.work.job.version == 3)
        #expect(twin.work.job.spec.tasks[0].spec.image == "a")
        for _ in 0..<20 {
            twin.settle()
            twin.beginAll()
            twin.endStopping()
            twin.pass(5)
        }
        #expect(twin.work.job.state == .running)
        #expect(twin.live.count == 2)
        try twin.work.revert(to: 2, by: "user", at: twin.now)
        #expect(twin.work.job.spec.tasks[0].spec.image == "bad")
        #expect(throws: JobRefusal.self) { try twin.work.revert(to: 99, by: "user", at: twin.now) }
    }

    @Test func `a restart replaces every instance step by step, and is no update to go back from`() throws {
        var twin = up(service(2))
        let old = Set(twin.live)
        let spec = twin.work.job.spec
        try twin.work.restart(nil, by: "user", at: twin.now)
        twin.settle()
        // One more than asked for may be there meanwhile, and none fewer.
        #expect(Set(twin.live).isSuperset(of: old))
        #expect(twin.live.count == 3)
        for _ in 0..<6 {
            twin.beginAll()
            twin.pass(5)
            twin.settle()
            twin.endStopping()
        }
        #expect(old.isDisjoint(with: twin.live))
        #expect(twin.live.count == 2)
        #expect(twin.work.job.state == .running)
        #expect(twin.work.job.version == 2)
        // The same file changes nothing, also behind it.
        try twin.work.run(spec, by: "user", at: twin.now)
        #expect(twin.work.job.version == 2)
        // Where it fails there is nothing else to go back to.
        try twin.work.restart("web", by: "user", at: twin.now)
        for _ in 0..<20 {
            twin.settle(2)
            for task in twin.tasks(in: [.pending]) { twin.finish(task, .failed) }
            twin.pass(3)
        }
        #expect(twin.work.job.version == 3)
        #expect(twin.work.job.rollout?.hasFailed == true)
        #expect(twin.live.count == 2)
        #expect(throws: JobRefusal.noSuchTask("db", ["web"])) {
            try twin.work.restart("db", by: "user", at: twin.now)
        }
        twin.work.stop()
        #expect(throws: JobRefusal.isStopped) { try twin.work.restart(nil, by: "user", at: twin.now) }
    }

    @Test func `the same file again changes nothing`() throws {
        var twin = up(service(2))
        let before = twin.work
        try twin.work.run(service(2), by: "user", at: twin.now)
        #expect(twin.work == before)
    }

    @Test func `a stopped job ends its tasks, may be forgotten, and runs again when asked`() throws {
        var twin = up(service(2))
        #expect(throws: JobRefusal.notFinished(.running)) { try twin.work.removal() }
        twin.work.stop()
        twin.settle()
        #expect(twin.work.job.state == .stopping)
        twin.endStopping()
        twin.settle()
        #expect(twin.work.job.state == .stopped)
        _ = try twin.work.removal()
        try twin.work.run(service(2), by: "user", at: twin.now)
        twin.settle()
        #expect(twin.live.count == 2)
    }

    // MARK: Batches

    @Test func `every index runs once, no more of them at once than allowed, and knows its number`() {
        var twin = JobTwin(
            batch([JobTask(name: "part", instances: 7, parallelism: 2, spec: TaskSpec(image: "x"))]))
        for _ in 0..<30 {
            twin.settle(2)
            #expect(twin.live.count <= 2)
            twin.beginAll()
            if let task = twin.tasks(in: [.running]).first { twin.finish(task, .completed) }
        }
        #expect(twin.work.job.state == .completed)
        #expect(twin.tasks.count == 7)
        #expect(Set(twin.specs.values.compactMap { $0.environment["APOLLO_ARRAY_INDEX"] }).count == 7)
    }

    @Test func `what comes after waits for the whole of what is before`() {
        var twin = JobTwin(
            batch([
                JobTask(name: "total", after: ["part"], spec: TaskSpec(image: "x")),
                JobTask(name: "part", instances: 2, spec: TaskSpec(image: "x")),
            ]))
        twin.settle()
        #expect(twin.live.count == 2)
        twin.finish(twin.live[0], .completed)
        twin.settle()
        #expect(twin.live.allSatisfy { twin.indices[$0]?.hasPrefix("part") == true })
        twin.finish(twin.live[0], .completed)
        twin.settle()
        #expect(twin.live.map { twin.indices[$0] } == ["total[0]"])
    }

    @Test func `a failure is tried again as often as allowed, then fails the job and ends the rest`() {
        var twin = JobTwin(
            batch([JobTask(name: "part", instances: 2, retries: 1, spec: TaskSpec(image: "x"))]))
        twin.settle()
        twin.beginAll()
        let other = twin.live.first { twin.indices[$0] == "part[1]" }
        for _ in 0..<2 {
            if let task = twin.live.first(where: { twin.indices[$0] == "part[0]" }) {
                twin.finish(task, .failed)
            }
            twin.settle()
            twin.pass(5)
            twin.settle()
        }
        #expect(other.flatMap { twin.tasks[$0]?.isStopAsked } == true)
        twin.endStopping()
        twin.settle()
        #expect(twin.work.job.state == .failed)
        #expect(twin.tasks.count == 3)
    }

    // MARK: System

    @Test func `a system job has one instance on each node that fits, and follows them`() {
        var spec = JobSpec(
            name: "logs", type: .system, tasks: [JobTask(name: "agent", spec: TaskSpec(image: "x"))])
        spec.datacenters = ["a"]
        var twin = JobTwin(spec)
        func node(_ name: String, _ place: String) -> JobNode {
            JobNode(name: name, isReady: true, labels: ["node.name": name, "datacenter": place])
        }
        twin.nodes = [node("one", "a"), node("two", "b"), node("three", "a")]
        twin.settle()
        #expect(Set(twin.work.instances.compactMap(\.node)) == ["one", "three"])
        twin.nodes.append(node("four", "a"))
        twin.nodes.removeAll { $0.name == "one" }
        twin.settle()
        twin.endStopping()
        twin.settle()
        #expect(Set(twin.work.instances.compactMap(\.node)) == ["three", "four"])
    }
}
