import ClusterModel
import Core
import JobDecisions
import JobModel
import Testing

@Suite struct CronJobTests {
    /// A job that runs at each full hour, from a quarter past ten on.
    private func twin(
        _ concurrency: CronPolicy.Concurrency = .forbid, catchUp: Double = 3600, keep: Int = 3,
        tasks: [JobTask] = [JobTask(name: "part", spec: TaskSpec(image: "x"))]
    ) -> JobTwin {
        let spec = JobSpec(
            name: "hourly", type: .cron,
            cron: CronPolicy(
                schedule: "0 * * * *", concurrency: concurrency, catchUp: Seconds(catchUp),
                keepCompleted: keep, keepFailed: 1), tasks: tasks)
        return JobTwin(spec, at: Timestamp(parsing: "2026-11-27T10:15:00Z")!)
    }

    private func cron(_ twin: JobTwin) -> CronState { twin.work.job.cron! }

    @Test func `a run begins at its time, and is over when its tasks are`() {
        var twin = twin()
        twin.settle()
        #expect(twin.work.job.state == .scheduled)
        #expect(twin.work.job.reason == "runs next at 2026-11-27T11:00:00.000Z")
        #expect(twin.wakeAt == Timestamp(parsing: "2026-11-27T11:00:00Z"))
        #expect(twin.tasks.isEmpty)
        twin.pass(45 * 60)
        twin.settle()
        #expect(twin.live.count == 1)
        #expect(twin.work.job.state == .running)
        #expect(twin.specs.values.first?.environment["APOLLO_RUN"] == "1")
        #expect(twin.specs.values.first?.environment["APOLLO_SCHEDULED_AT"] == "2026-11-27T11:00:00.000Z")
        twin.beginAll()
        twin.finish(twin.live[0], .completed)
        twin.settle()
        #expect(cron(twin).runs.map(\.state) == [.completed])
        #expect(twin.work.job.state == .scheduled)
        #expect(twin.work.job.reason.hasSuffix("run 1 completed: all 1 are done"))
    }

    @Test func `each run is a batch with its order, its retries and its failure`() {
        var twin = twin(tasks: [
            JobTask(name: "part", instances: 2, retries: 1, spec: TaskSpec(image: "x")),
            JobTask(name: "total", after: ["part"], spec: TaskSpec(image: "y")),
        ])
        twin.pass(3600)
        twin.settle()
        #expect(twin.live.count == 2)
        twin.finish(twin.live[0], .failed)
        twin.finish(twin.live[0], .completed)
        for _ in 0..<3 {
            twin.pass(5)
            twin.settle()
        }
        #expect(twin.live.count == 1)
        twin.finish(twin.live[0], .failed)
        twin.settle()
        #expect(cron(twin).runs.map(\.state) == [.failed])
        #expect(twin.work.job.state == .scheduled)
        #expect(twin.specs.values.count { $0.image == "y" } == 0)
    }

    @Test func `where it is forbidden there is no second run, and it is said why`() {
        var twin = twin(.forbid)
        for _ in 0..<3 {
            twin.pass(3600)
            twin.settle()
        }
        #expect(twin.live.count == 1)
        #expect(cron(twin).runCount == 1)
        #expect(cron(twin).skipped == 2)
        #expect(cron(twin).lastSkip == "that of 2026-11-27T13:00:00.000Z was left out: run 1 is not over")
    }

    @Test func `where it is allowed runs overlap`() {
        var twin = twin(.allow)
        for _ in 0..<3 {
            twin.pass(3600)
            twin.settle()
        }
        #expect(twin.live.count == 3)
        #expect(cron(twin).runs.map(\.number) == [1, 2, 3])
    }

    @Test func `where the old run is replaced, the new one begins when it has ended`() {
        var twin = twin(.replace)
        twin.pass(3600)
        twin.settle()
        twin.beginAll()
        let old = twin.live[0]
        twin.pass(3600)
        twin.settle()
        #expect(twin.live == [old])
        #expect(cron(twin).runs.last?.reason == "begins when run 1 has ended")
        twin.endStopping()
        twin.settle()
        #expect(cron(twin).runs.map(\.state) == [.stopped, .pending])
        #expect(twin.live.count == 1)
        #expect(twin.live != [old])
    }

    @Test func `of missed runs the last is made up for where it is not too long ago`() {
        var twin = twin(catchUp: 1800)
        twin.settle()
        // Away from a quarter past ten to ten past two.
        twin.pass(3 * 3600 + 55 * 60)
        twin.settle()
        #expect(cron(twin).runs.map(\.scheduledAt) == [Timestamp(parsing: "2026-11-27T14:00:00Z")])
        #expect(cron(twin).skipped == 1)
        twin.finish(twin.live[0], .completed)
        // Away until a quarter to six: that of five is too old.
        twin.pass(3 * 3600 + 35 * 60)
        twin.settle()
        #expect(cron(twin).runCount == 1)
        #expect(cron(twin).lastSkip?.contains("missed") == true)
        #expect(cron(twin).nextRun == Timestamp(parsing: "2026-11-27T18:00:00Z"))
    }

    @Test func `a clock that is set back makes no run twice`() {
        var twin = twin()
        twin.pass(3600)
        twin.settle()
        twin.finish(twin.live[0], .completed)
        twin.settle()
        twin.pass(-1800)
        twin.settle()
        twin.pass(1800)
        twin.settle()
        #expect(cron(twin).runCount == 1)
        #expect(cron(twin).nextRun == Timestamp(parsing: "2026-11-27T12:00:00Z"))
    }

    @Test func `so many runs are kept, and the tasks of the others are forgotten`() {
        var twin = twin(keep: 2)
        for _ in 0..<5 {
            twin.pass(3600)
            twin.settle()
            twin.finish(twin.live[0], .completed)
            twin.settle()
        }
        #expect(cron(twin).runs.map(\.number) == [4, 5])
        #expect(twin.tasks.count == 2)
        #expect(twin.work.instances.count == 2)
    }

    @Test func `a suspended job begins no run by itself, and makes up for none`() throws {
        var twin = twin()
        try twin.work.suspend(true, at: twin.now)
        twin.pass(2 * 3600)
        twin.settle()
        #expect(twin.work.job.state == .suspended)
        #expect(twin.wakeAt == nil)
        try twin.work.trigger(by: "user://local/ann", at: twin.now)
        twin.settle()
        #expect(cron(twin).runs.map(\.createdBy) == ["user://local/ann"])
        twin.finish(twin.live[0], .completed)
        try twin.work.suspend(false, at: twin.now)
        twin.settle()
        #expect(cron(twin).runCount == 1)
        #expect(twin.work.job.state == .scheduled)
        #expect(cron(twin).nextRun == Timestamp(parsing: "2026-11-27T13:00:00Z"))
    }

    @Test func `a run by hand is refused where another is forbidden, or the job is stopped`() throws {
        var twin = twin()
        try twin.work.trigger(by: "user", at: twin.now)
        twin.settle()
        #expect(throws: JobRefusal.runsAlready("run 1 is not over")) {
            try twin.work.trigger(by: "user", at: twin.now)
        }
        twin.work.stop()
        twin.settle()
        #expect(twin.work.job.state == .stopped)
        #expect(throws: JobRefusal.isStopped) { try twin.work.trigger(by: "user", at: twin.now) }
        #expect(throws: JobRefusal.notCron(.batch)) {
            var batch = JobTwin(JobSpec(name: "b", type: .batch, tasks: []))
            try batch.work.trigger(by: "user", at: batch.now)
        }
    }

    @Test func `a new version changes the schedule, and what runs goes on as it began`() throws {
        var twin = twin()
        twin.pass(3600)
        twin.settle()
        twin.beginAll()
        var spec = twin.work.job.spec
        spec.cron?.schedule = "30 * * * *"
        spec.tasks[0].spec.image = "new"
        try twin.work.run(spec, by: "user", at: twin.now)
        twin.settle()
        #expect(twin.live.count == 1)
        #expect(twin.specs.values.map(\.image) == ["x"])
        #expect(cron(twin).nextRun == Timestamp(parsing: "2026-11-27T11:30:00Z"))
        twin.finish(twin.live[0], .completed)
        twin.pass(15 * 60)
        twin.settle()
        #expect(twin.live.compactMap { twin.specs[$0]?.image } == ["new"])
        #expect(
            twin.work.nextRuns(2, twin.world).map(\.description) == [
                "2026-11-27T12:30:00.000Z", "2026-11-27T13:30:00.000Z",
            ])
    }

    @Test func `without its time zone it waits, and says so`() {
        var twin = twin()
        twin.work.job.spec.cron?.timeZone = "Area/City"
        twin.settle()
        #expect(twin.work.job.reason == "the time zone 'Area/City' is not known on this machine")
        #expect(twin.wakeAt == twin.now.advanced(by: .seconds(60)))
    }

    @Test(arguments: 1...30 as ClosedRange<UInt64>)
    func `runs come once each, whatever crashes`(seed: UInt64) {
        var twin = twin(.allow, catchUp: 7200, keep: 100)
        twin.random = seed
        var started: Set<TaskID> = []
        for _ in 0..<400 {
            switch twin.next(4) {
            case 0: twin.turn(crashBefore: true)
            case 1: twin.turn(carriedOut: Int(twin.next(2)))
            default: twin.turn()
            }
            started.formUnion(twin.live)
            if twin.next(3) == 0 { twin.beginAll() }
            if let task = twin.tasks(in: [.running]).first { twin.finish(task, .completed) }
            twin.pass(Int(twin.next(900)))
        }
        for _ in 0..<20 {
            twin.settle(2)
            started.formUnion(twin.live)
            for task in twin.live { twin.finish(task, .completed) }
        }
        let times = cron(twin).runs.compactMap(\.scheduledAt)
        #expect(Set(times).count == times.count)
        #expect(cron(twin).runCount == started.count)
        // Each full hour since ten had its run, or was over when somebody looked.
        let hours =
            Timestamp(parsing: "2026-11-27T10:00:00Z")!.duration(to: twin.now).components.seconds / 3600
        #expect(cron(twin).runCount + cron(twin).skipped == Int(hours))
    }
}
