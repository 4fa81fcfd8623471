import ClusterModel
import Core
import JobDecisions
import JobModel
import Testing

@Suite struct JobOrderTests {
    /// A web server that starts after a database, in versions of their images.
    private func shop(
        _ after: TaskDependency = "db", web: String = "w1", db: String = "d1", type: JobType = .service,
        update: UpdatePolicy = UpdatePolicy()
    ) -> JobSpec {
        JobSpec(
            name: "shop", type: type, update: update,
            tasks: [
                JobTask(name: "web", after: [after], spec: TaskSpec(image: web)),
                JobTask(name: "db", spec: TaskSpec(image: db)),
            ])
    }

    private func live(_ twin: JobTwin, _ group: String) -> [TaskID] {
        twin.live.filter { twin.indices[$0]!.hasPrefix(group) }
    }

    private func up(_ spec: JobSpec) -> JobTwin {
        var twin = JobTwin(spec)
        for _ in 0..<3 {
            twin.settle()
            twin.beginAll()
            twin.pass(5)
        }
        twin.settle()
        #expect(twin.work.job.state == .running)
        return twin
    }

    @Test func `a service starts when what it comes after is healthy, and says so while it waits`() {
        var twin = JobTwin(shop())
        twin.settle()
        #expect(live(twin, "web").isEmpty)
        #expect(twin.work.job.groups[0].waitsFor == "db to be healthy (0 of 1)")
        #expect(twin.work.job.reason.contains("web waits for db to be healthy (0 of 1)"))
        twin.begin(live(twin, "db")[0], isHealthy: false)
        twin.pass(60)
        twin.settle()
        #expect(live(twin, "web").isEmpty)
        twin.begin(live(twin, "db")[0])
        twin.settle()
        #expect(live(twin, "web").isEmpty, "it is not healthy for long enough")
        #expect(twin.wakeAt == twin.now.advanced(by: .seconds(1)))
        twin.pass(1)
        twin.settle()
        #expect(live(twin, "web").count == 1)
        #expect(twin.work.job.groups[0].waitsFor == nil)
    }

    @Test func `started is when it runs`() {
        var twin = JobTwin(shop("db:started"))
        twin.settle()
        #expect(twin.work.job.groups[0].waitsFor == "db to be started (0 of 1)")
        twin.begin(live(twin, "db")[0], isHealthy: false)
        twin.settle()
        #expect(live(twin, "web").count == 1)
    }

    @Test func `what takes the place of another later waits for nobody`() {
        var twin = up(shop())
        twin.finish(live(twin, "db")[0], .failed)
        twin.finish(live(twin, "web")[0], .failed)
        twin.settle()
        twin.pass(1)
        twin.settle()
        #expect(live(twin, "web").count == 1)
        #expect(live(twin, "db").count == 1)
    }

    @Test(arguments: [UpdatePolicy(), UpdatePolicy(maxSurge: 0, maxUnavailable: 1)])
    func `an update goes in order, and what waits goes on as it is`(_ update: UpdatePolicy) throws {
        var twin = up(shop(update: update))
        let old = (web: live(twin, "web"), db: live(twin, "db"))
        try twin.work.run(shop(web: "w2", db: "d2", update: update), by: "user", at: twin.now)
        twin.settle()
        twin.endStopping()
        twin.settle()
        #expect(live(twin, "web") == old.web)
        #expect(twin.work.job.state == .updating)
        #expect(twin.work.job.reason.contains("web waits for db to be healthy (0 of 1)"))
        twin.beginAll()
        twin.pass(5)
        twin.settle()
        #expect(live(twin, "web") != old.web || twin.tasks[old.web[0]]?.isStopAsked == true)
        for _ in 0..<3 {
            twin.endStopping()
            twin.settle()
            twin.beginAll()
            twin.pass(5)
            twin.settle()
        }
        #expect(twin.work.job.state == .running)
        #expect(live(twin, "web").count == 1 && live(twin, "web") != old.web)
        #expect(live(twin, "db").count == 1 && live(twin, "db") != old.db)
    }

    @Test func `an update that does not become healthy goes back, and what waited was never touched`() throws
    {
        let update = UpdatePolicy(progressDeadline: Seconds(30))
        var twin = up(shop(update: update))
        let web = live(twin, "web")
        try twin.work.run(shop(web: "w2", db: "d2", update: update), by: "user", at: twin.now)
        for _ in 0..<8 {
            twin.settle()
            for task in twin.tasks(in: [.pending]) { twin.begin(task, isHealthy: false) }
            twin.endStopping()
            twin.pass(10)
        }
        twin.settle()
        #expect(twin.work.job.spec == shop(update: update))
        #expect(twin.work.job.state == .running)
        #expect(live(twin, "web") == web)
    }

    @Test
    func
        `what is to come after another from now on waits for it with what is added, and goes on with what is there`()
        throws
    {
        var twin = up(shop())
        let web = live(twin, "web")
        twin.finish(live(twin, "db")[0], .failed)
        var spec = shop("db:started")
        spec.tasks[0].instances = 2
        try twin.work.run(spec, by: "user", at: twin.now)
        twin.settle()
        #expect(live(twin, "web") == web)
        #expect(twin.work.job.groups[0].waitsFor == "db to be started (0 of 1)")
        twin.pass(1)
        twin.settle()
        twin.beginAll()
        twin.settle()
        #expect(live(twin, "web").count == 2)
    }

    @Test func `after a stop it is run in order again`() throws {
        var twin = up(shop())
        twin.work.stop()
        twin.settle()
        twin.endStopping()
        twin.settle()
        try twin.work.run(shop(), by: "user", at: twin.now)
        twin.settle()
        #expect(live(twin, "db").count == 1)
        #expect(live(twin, "web").isEmpty)
    }

    @Test func `of a system job the order holds on each node`() {
        var twin = JobTwin(shop("db:started", type: .system))
        twin.nodes = ["a", "b"].map { JobNode(name: $0, isReady: true, labels: ["node.name": $0]) }
        twin.settle()
        #expect(live(twin, "db").count == 2 && live(twin, "web").isEmpty)
        let first = live(twin, "db")[0]
        let node = twin.work.instances.first { $0.task == first }?.node
        twin.begin(first)
        twin.settle()
        let web = twin.work.instances.filter { $0.group == "web" }
        #expect(web.map(\.node) == [node])
        let other = node == "a" ? "b" : "a"
        #expect(twin.work.job.groups[0].waitsFor == "db to be started on \(other) (0 of 1)")
    }
}
