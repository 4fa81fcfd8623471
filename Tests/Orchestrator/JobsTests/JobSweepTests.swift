import ClusterModel
import Concurrency
import Core
import JobDecisions
import JobModel
import Jobs
import Synchronization
import Testing

@Suite struct JobSweepTests {
    private func finished(_ bench: JobBench, _ names: [String]) async throws {
        bench.cluster.state.withLock { $0.completes = true }
        for name in names {
            try await bench.run(JobBench.batch(name, 2), key: name)
            try await bench.reach(name) { $0.state == .completed }
        }
    }

    @Test func `of jobs that are over so many are kept, with their tasks, and the oldest go`() async throws {
        let bench = try await JobBench(retention: JobRetention(jobs: 2))
        try await bench.live {
            try await finished(bench, ["a", "b", "c", "d"])
            try await bench.keeper.sweepOnce()
            #expect(bench.keeper.list(project: "default").map(\.name) == ["c", "d"])
            #expect(bench.cluster.state.withLock { $0.tasks.count } == 4)
            let stored = try await JobStore(bench.database).load()
            #expect(stored.jobs.map(\.job.name) == ["c", "d"])
            #expect(Set(stored.requests.keys) == ["c", "d"])
        }
    }

    @Test func `jobs that are over for too long go, and those that run stay`() async throws {
        let bench = try await JobBench(retention: JobRetention(age: .zero))
        try await bench.live {
            try await finished(bench, ["a"])
            bench.cluster.state.withLock { $0.completes = false }
            try await bench.run(JobBench.batch("b"))
            while bench.keeper.list(project: "default").map(\.name) != ["b"] {
                try await bench.keeper.sweepOnce()
            }
        }
    }

    @Test func `request ids are forgotten by age, and by number`() async throws {
        let bench = try await JobBench(retention: JobRetention(requests: 5))
        try await bench.live {
            for number in 0..<12 { try await bench.run(JobBench.batch("a", 0), key: "k\(number)") }
            try await bench.keeper.sweepOnce()
            let left = try await JobStore(bench.database).load().requests.keys.sorted()
            #expect(left == ["k10", "k11", "k7", "k8", "k9"])
        }
        let old = try await JobBench(retention: JobRetention(requestAge: .zero))
        try await old.live {
            try await old.run(JobBench.batch("a", 0), key: "k")
            while try await !JobStore(old.database).load().requests.isEmpty {
                try await old.keeper.sweepOnce()
            }
            #expect(old.keeper.find("a", project: "default") != nil)
        }
    }

    @Test func `a thousand jobs after one another leave no more than are kept`() async throws {
        let bench = try await JobBench(retention: JobRetention(jobs: 10, requests: 10))
        bench.cluster.state.withLock { $0.completes = true }
        try await bench.live {
            for round in 0..<10 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<100 {
                        group.addTask {
                            let name = "job-\(round)-\(number)"
                            try await bench.run(JobBench.batch(name), key: name)
                        }
                    }
                    try await group.waitForAll()
                }
                // One waits for all: a hundred that looked again and again would take the machine from the work.
                try await JobBench.until {
                    bench.keeper.list(project: "default").allSatisfy { $0.state == .completed }
                }
                try await bench.keeper.sweepOnce()
                #expect(bench.keeper.list(project: "default").count == 10)
                #expect(bench.cluster.state.withLock { $0.tasks.count } == 10)
                // Request ids go with their jobs, too.
                #expect(bench.keeper.memberCounts.allSatisfy { $0 <= 10 })
            }
        }
    }
}
