import ClusterModel
import Core
import JobDecisions
import JobModel
import Testing

/// Jobs from seeds: tasks that begin, fail and end at any time, and a manager that crashes between any two steps.
@Suite struct JobSimulationTests {
    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `a service converges, and an update stays within its bounds`(seed: UInt64) throws {
        var twin = JobTwin(JobSpec(name: "web", tasks: []), seed: seed)
        let count = Int(1 + twin.next(5))
        let surge = Int(twin.next(3))
        let update = UpdatePolicy(
            maxSurge: surge, maxUnavailable: surge == 0 ? 1 : Int(twin.next(UInt64(count))), autoRevert: false
        )
        func spec(_ image: String) -> JobSpec {
            JobSpec(
                name: "web", update: update,
                tasks: [JobTask(name: "web", instances: count, spec: TaskSpec(image: image))])
        }
        twin = JobTwin(spec("one"), seed: seed)
        for _ in 0..<20 {
            twin.settle(1)
            twin.beginAll()
            twin.pass(3)
        }
        #expect(twin.ready == count)
        try twin.work.run(spec("two"), by: "user", at: twin.now)
        for _ in 0..<300 {
            switch twin.next(4) {
            case 0: twin.turn(crashBefore: true)
            case 1: twin.turn(carriedOut: Int(twin.next(2)))
            default: twin.turn()
            }
            #expect(twin.live.count <= count + surge)
            #expect(twin.ready >= count - update.maxUnavailable)
            if twin.next(2) == 0, let task = twin.tasks(in: [.pending]).first { twin.begin(task) }
            if twin.next(2) == 0, let task = twin.tasks(in: [.stopping]).first { twin.finish(task, .stopped) }
            twin.pass(1)
        }
        for _ in 0..<50 {
            twin.settle(2)
            twin.beginAll()
            twin.endStopping()
            twin.pass(2)
        }
        #expect(twin.work.job.state == .running)
        #expect(twin.live.allSatisfy { twin.specs[$0]?.image == "two" })
        #expect(twin.live.count == count)
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `a batch completes, and no index runs twice at once`(seed: UInt64) {
        var twin = JobTwin(
            JobSpec(
                name: "sums", type: .batch,
                tasks: [
                    JobTask(
                        name: "part", instances: 6, parallelism: 4, retries: 1000, spec: TaskSpec(image: "x")),
                    JobTask(name: "total", retries: 1000, after: ["part"], spec: TaskSpec(image: "x")),
                ]), seed: seed)
        for round in 0..<600 {
            switch twin.next(4) {
            case 0: twin.turn(crashBefore: true)
            case 1: twin.turn(carriedOut: Int(twin.next(3)))
            default: twin.turn()
            }
            let running = twin.live.compactMap { twin.indices[$0] }
            #expect(Set(running).count == running.count)
            #expect(running.count <= 4)
            if twin.next(2) == 0, let task = twin.tasks(in: [.pending]).last { twin.begin(task) }
            if let task = twin.tasks(in: [.running]).first {
                twin.finish(task, round < 300 && twin.next(4) == 0 ? .failed : .completed)
            }
            twin.pass(round < 300 ? 1 : 60)
        }
        #expect(twin.work.job.state == .completed)
        let done = twin.tasks(in: [.completed]).compactMap { twin.indices[$0] }
        #expect(done.count == 7)
        #expect(Set(done).count == 7)
    }
}
