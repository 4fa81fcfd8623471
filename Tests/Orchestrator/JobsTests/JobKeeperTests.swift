import ClusterModel
import Concurrency
import Core
import Documents
import Glibc
import JobDecisions
import JobModel
import Jobs
import SQLiteDatabases
import Synchronization
import Testing

@Suite struct JobKeeperTests {
    @Test func `a job is stored before it is acknowledged, and is there after a crash`() async throws {
        let bench = try await JobBench()
        try await bench.live {
            let job = try await bench.run(JobBench.batch("sums", 3))
            try await bench.reach("sums") { $0.groups[0].pending == 3 }
            let again = JobKeeper(
                store: JobStore(bench.database), cluster: bench.cluster, environment: .live
            ) { _ in }
            try await again.load()
            #expect(again.find("sums", project: "default")?.id == job.id)
            #expect(again.instances(job.id).count == 3)
            #expect(again.find(job.id.text, project: "default")?.name == "sums")
            #expect(again.find(job.id.text, project: "other") == nil)
        }
    }

    @Test func `a task that runs is found again after a crash, and is not made twice`() async throws {
        let bench = try await JobBench()
        try await bench.live {
            let job = try await bench.run(JobBench.batch("sums", 3))
            try await JobBench.until { bench.cluster.tasks(of: "sums").count == 3 }
            let tasks = bench.cluster.tasks(of: "sums")
            for task in tasks {
                bench.cluster.change(task) {
                    ($0.state, $0.runningSince) = (.running, Timestamp(microseconds: 1))
                }
            }
            try await bench.reach("sums") { $0.groups[0].running == 3 }
            // One ends while nobody looks.
            let again = JobKeeper(
                store: JobStore(bench.database), cluster: bench.cluster, environment: .live
            ) { _ in }
            let makings = bench.cluster.state.withLock { state in
                state.tasks[tasks[0]]?.state = .completed
                return state.makings
            }
            try await again.load()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await again.run() }
                try await JobBench.until { again.find("sums", project: "default")?.groups[0].completed == 1 }
                group.cancelAll()
            }
            #expect(again.instances(job.id).map(\.task).sorted() == tasks)
            #expect(again.find("sums", project: "default")?.groups[0].running == 2)
            #expect(bench.cluster.state.withLock { $0.makings } == makings)
        }
    }

    @Test func `how a task runs is not stored, and all else of an instance is`() async throws {
        let bench = try await JobBench()
        try await bench.live {
            let job = try await bench.run(JobBench.batch("sums", 2))
            try await JobBench.until { bench.cluster.tasks(of: "sums").count == 2 }
            let tasks = bench.cluster.tasks(of: "sums")
            let store = JobStore(bench.database)
            bench.cluster.change(tasks[0]) { $0.state = .running }
            try await JobBench.until { bench.keeper.instances(job.id).allSatisfy { $0.phase == .active } }
            #expect(try await store.load().jobs[0].instances.map(\.phase) == [.planned, .planned])
            bench.cluster.change(tasks[0]) { ($0.state, $0.exitCode, $0.reason) = (.completed, 0, "done") }
            try await JobBench.until { bench.keeper.instances(job.id).contains { $0.phase == .completed } }
            // As JSON: stored times have milliseconds.
            let first = try #require(bench.keeper.instances(job.id).first { $0.task == tasks[0] })
            let stored = try await store.load().jobs[0].instances.first { $0.task == tasks[0] }
            #expect(try JSONWriter.bytes(encoding: stored) == JSONWriter.bytes(encoding: first))
            _ = try await bench.keeper.stop(job.id) { _ in }
            try await bench.reach("sums") { $0.state == .stopped }
            let all = bench.keeper.instances(job.id).sorted { $0.task < $1.task }
            let allStored = try await store.load().jobs[0].instances
            #expect(try JSONWriter.bytes(encoding: allStored) == JSONWriter.bytes(encoding: all))
        }
    }

    @Test func `a request that is sent again makes one job`() async throws {
        let bench = try await JobBench()
        try await bench.live {
            let first = try await bench.run(JobBench.batch("sums"), key: "k")
            let second = try await bench.run(JobBench.batch("others"), key: "k")
            #expect(first.id == second.id)
            #expect(bench.keeper.list(project: "default").map(\.name) == ["sums"])
        }
    }

    @Test func `a page of jobs is as the jobs are, also of those that were stored before`() async throws {
        let bench = try await JobBench()
        try await bench.live {
            for name in ["c", "a", "b"] { try await bench.run(JobBench.batch(name)) }
            for name in ["a", "b", "c"] { try await bench.reach(name) { $0.groups[0].pending == 1 } }
            let b = try #require(bench.keeper.find("b", project: "default"))
            _ = try await bench.keeper.stop(b.id) { _ in }
            try await bench.reach("b") { $0.state == .stopped }
            let again = JobKeeper(
                store: JobStore(bench.database), cluster: bench.cluster, environment: .live
            ) { _ in }
            try await again.load()
            for keeper in [bench.keeper, again, again] {
                let page = try keeper.page(project: "default", after: "", limit: 2)
                #expect(page.last == "b" && page.isMore)
                let rest = try keeper.page(project: "default", after: "b", limit: 2)
                #expect(rest.last == "c" && !rest.isMore)
                let jobs = keeper.list(project: "default")
                #expect(try page.items + rest.items == jobs.map { try JSONWriter.bytes(encoding: $0) })
            }
            try await bench.keeper.remove(b.id) { _ in }
            #expect(try bench.keeper.page(project: "default", after: "a", limit: 9).last == "c")
            #expect(try bench.keeper.page(project: "other", after: "", limit: 9).items.isEmpty)
        }
    }

    @Test func `an observer is called as directly the last time as the first`() async throws {
        let bench = try await JobBench()
        /// Where the stacks of threads end when it is called.
        let places = Mutex<[pthread_t: [UInt]]>([:])
        bench.keeper.observe { _, _, _ in
            var mark = 0
            let place = withUnsafeMutablePointer(to: &mark) { UInt(bitPattern: $0) }
            places.withLock { $0[pthread_self(), default: []].append(place) }
        }
        try await bench.live {
            for number in 0..<400 { try await bench.run(JobBench.batch("job-\(number)")) }
        }
        let found = places.withLock { $0 }
        #expect(found.values.joined().count >= 400)
        for places in found.values {
            // It is called from two places, a few frames apart; a frame more with each call would be 30 KiB at least.
            #expect(places.max()! - places.min()! < 16 << 10)
        }
    }

    @Test func `a job whose tasks are long in the making keeps no other waiting`() async throws {
        let bench = try await JobBench()
        let gate = Latch<Void>()
        bench.cluster.state.withLock { $0.gates["large"] = gate }
        try await bench.live {
            try await bench.run(JobBench.batch("large", 10_000))
            // Others are made, changed, stopped and forgotten meanwhile.
            for number in 0..<20 {
                let small = try await bench.run(JobBench.batch("small-\(number)"))
                try await bench.reach(small.name) { $0.groups[0].pending == 1 }
                _ = try await bench.keeper.stop(small.id) { _ in }
                try await bench.reach(small.name) { $0.state == .stopped }
                try await bench.keeper.remove(small.id) { _ in }
            }
            #expect(bench.cluster.tasks(of: "large").isEmpty)
            #expect(bench.keeper.list(project: "default").map(\.name) == ["large"])
            // It can be stopped itself, and then what was being made ends.
            let large = try #require(bench.keeper.find("large", project: "default"))
            _ = try await bench.keeper.stop(large.id) { _ in }
            gate.set(())
            try await bench.reach("large") { $0.state == .stopped }
            let open = bench.cluster.state.withLock { state in state.tasks.values.count { !$0.state.isFinal }
            }
            #expect(open == 0)
        }
    }

    @Test func `a large array is made a part at a time, all of it`() async throws {
        let bench = try await JobBench()
        bench.cluster.state.withLock { $0.completes = true }
        try await bench.live {
            try await bench.run(JobBench.batch("array", 3000))
            let done = try await bench.reach("array") { $0.state.isFinal }
            #expect(done.state == .completed)
            #expect(bench.cluster.tasks(of: "array").count == 3000)
        }
    }

    @Test func `more changes than may wait are refused, and the others are done`() async throws {
        let bench = try await JobBench()
        // Nobody takes them yet.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<1000 {
                group.addTask { try await bench.run(JobBench.batch("job-\(number)", 0)) }
            }
            try await JobBench.until { bench.keeper.waitingCount == 1000 }
            await #expect(throws: ApolloError.self) { try await bench.run(JobBench.batch("one-more")) }
            let keeper = bench.keeper
            group.addTask { await keeper.run() }
            for _ in 0..<1000 { try await group.next() }
            #expect(keeper.list(project: "default").count == 1000)
            group.cancelAll()
        }
        await bench.database.close()
    }

    @Test func `a task that cannot be made says why, and is tried again`() async throws {
        let bench = try await JobBench()
        bench.cluster.state.withLock { $0.refusal = ApolloError(.exhausted, "the platform is full") }
        try await bench.live {
            let job = try await bench.run(JobBench.batch("sums"))
            try await JobBench.until {
                bench.keeper.instances(job.id).first?.reason.contains("the platform is full") == true
            }
            bench.cluster.state.withLock { $0.refusal = nil }
            try await JobBench.until { !bench.cluster.tasks(of: "sums").isEmpty }
        }
    }

    @Test func `a task that cannot be stopped is asked again after a second, and not at once`() async throws {
        let clock = ScriptedClock()
        let environment = Environment(clock: clock, wallClock: clock.wall, random: Environment.live.random)
        let bench = try await JobBench(environment: environment)
        bench.cluster.state.withLock { $0.stopRefusal = ApolloError(.exhausted, "the disk is full") }
        try await bench.live {
            let job = try await bench.run(JobBench.batch("sums"))
            try await bench.reach("sums") { $0.groups[0].pending == 1 }
            _ = try await bench.keeper.stop(job.id) { _ in }
            // Only then is it known when to ask again.
            let noted = try await bench.notes.nextBatch()
            #expect(noted?.contains { $0.contains("the disk is full") } == true)
            #expect(bench.cluster.state.withLock { $0.stops } == 1)
            // Others are made and end meanwhile, in many turns of the loop.
            bench.cluster.state.withLock { $0.completes = true }
            for number in 0..<5 {
                try await bench.run(JobBench.batch("small-\(number)"))
                try await bench.reach("small-\(number)") { $0.state == .completed }
            }
            #expect(bench.cluster.state.withLock { $0.stops } == 1)
            bench.cluster.state.withLock { $0.stopRefusal = nil }
            clock.advance(by: .seconds(1))
            try await bench.reach("sums") { $0.state == .stopped }
            #expect(bench.cluster.state.withLock { $0.stops } == 2)
        }
    }

    @Test func `a change of what somebody else has changed is refused`() async throws {
        let bench = try await JobBench()
        try await bench.live {
            let job = try await bench.run(JobBench.batch("sums"))
            await #expect(throws: ApolloError.self) {
                try await bench.keeper.stop(job.id) { revision in
                    guard revision == 7 else { throw ApolloError(.conflict, "it is another") }
                }
            }
            #expect(bench.keeper.find("sums", project: "default")?.isStopped == false)
        }
    }
}
