import Buses
import ClusterModel
import Concurrency
import Core
import Managers
import Synchronization
import TaskDecisions
import TaskRuntimes
import Testing
import Workers

/// A manager and a worker of this process over scripted parts. One value is one life of the platform.
struct Platform: Sendable {
    let manager: Manager
    let worker: Worker

    init(_ store: ScriptedStore, _ runtime: ScriptedRuntime, node: NodeID, bus: (any Bus)? = nil) {
        let manager = Manager(store: store, environment: .live, epoch: 1, bus: bus) { _ in }
        self.manager = manager
        worker = Worker(
            node: node, runtimes: [runtime], environment: .live,
            inventory: {
                Node(
                    id: node, name: "one", state: .ready,
                    capacity: Capacity(
                        cpuMillis: 2000, memory: .gibibytes(1), disk: .gibibytes(1), tasks: 10),
                    allocated: Capacity(), architecture: "x", operatingSystem: "x", version: "0",
                    runtimes: [],
                    registeredAt: Timestamp(microseconds: 0))
            }, report: { manager.receive($0, from: node) })
    }

    /// Runs the platform around `body`, at most a minute.
    func live(_ body: @escaping @Sendable (Platform) async throws -> Void) async throws {
        try await withDeadline(.seconds(60), clock: LiveClock(), of: "the test") {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await self.manager.run() }
                group.addTask { await self.worker.run() }
                try await self.manager.load()
                await self.manager.join(self.worker)
                try await body(self)
                group.cancelAll()
            }
        }
    }

    func submit(_ name: String, key: String? = nil, _ change: (inout TaskSpec) -> Void = { _ in })
        async throws -> TaskRecord
    {
        var spec = TaskSpec(executable: "/bin/true")
        change(&spec)
        return try await manager.submit(
            Submission(
                id: Environment.live.identifier(), name: name, project: "default", spec: spec,
                principal: "user://local/admin", idempotencyKey: key))
    }

    /// The first state of the task that `isWanted`.
    func reach(_ id: TaskID, where isWanted: (TaskRecord) -> Bool) async throws -> TaskRecord {
        let watch = try #require(manager.watch(id))
        let snapshot = try await watch.first { $0.record.map(isWanted) ?? false }
        return try #require(snapshot?.state.record)
    }
}

struct ManagerTests {
    let store = ScriptedStore()
    let runtime = ScriptedRuntime()
    let node: NodeID = Environment.live.identifier()

    @Test func `a task is stored before it is acknowledged, runs, and its end is stored`() async throws {
        try await Platform(store, runtime, node: node).live { platform in
            let record = try await platform.submit("job")
            #expect(store.stored(record.id) != nil)
            let running = try await platform.reach(record.id) { $0.state == .running }
            runtime.end(running.current!.id, code: 3)
            let failed = try await platform.reach(record.id) { $0.state.isFinal }
            #expect(failed.state == .failed)
            #expect(failed.current?.exitCode == 3)
            try await platform.manager.settle()
            #expect(store.stored(record.id) == failed)
        }
    }

    @Test func `a submission that cannot be stored leaves nothing and starts nothing`() async throws {
        try await Platform(store, runtime, node: node).live { platform in
            store.state.withLock { $0.failure = ApolloError(.exhausted, "disk full") }
            let error = await #expect(throws: ApolloError.self) { try await platform.submit("job") }
            #expect(error?.kind == .exhausted)
            #expect(platform.manager.find("job", project: "default") == nil)
            #expect(platform.manager.storageProblem != nil)
            store.state.withLock { $0.failure = nil }
            _ = try await platform.submit("job")
            #expect(platform.manager.storageProblem == nil)
        }
        #expect(runtime.state.withLock { $0.starts } <= 1)
    }

    @Test func `an end that cannot be stored is stored as soon as storing works`() async throws {
        try await Platform(store, runtime, node: node).live { platform in
            let record = try await platform.submit("job")
            let running = try await platform.reach(record.id) { $0.state == .running }
            try await platform.manager.settle()
            store.state.withLock { $0.failure = ApolloError(.exhausted, "disk full") }
            runtime.end(running.current!.id, code: 0)
            _ = try await platform.reach(record.id) { $0.state == .completed }
            store.state.withLock { $0.failure = nil }
            try await platform.manager.settle()
            #expect(store.stored(record.id)?.state == .completed)
        }
    }

    @Test func `after a restart what runs is adopted and what ended is known`() async throws {
        let (running, ended) = (Latch<TaskRecord>(), Latch<TaskRecord>())
        try await Platform(store, runtime, node: node).live { platform in
            let first = try await platform.submit("runs")
            let second = try await platform.submit("ends")
            running.set(try await platform.reach(first.id) { $0.state == .running })
            ended.set(try await platform.reach(second.id) { $0.state == .running })
            try await platform.manager.settle()
        }
        runtime.end(ended.current!.current!.id, code: 5)
        let starts = runtime.state.withLock { $0.starts }
        try await Platform(store, runtime, node: node).live { platform in
            let record = try await platform.reach(ended.current!.id) { $0.state.isFinal }
            #expect(record.current?.exitCode == 5)
            #expect(platform.manager.record(running.current!.id)?.state == .running)
            runtime.end(running.current!.current!.id, code: 0)
            _ = try await platform.reach(running.current!.id) { $0.state == .completed }
        }
        #expect(runtime.state.withLock { $0.starts } == starts)
    }

    @Test func `a stop ends the attempt and a removal forgets it`() async throws {
        try await Platform(store, runtime, node: node).live { platform in
            let record = try await platform.submit("service") { $0.restart.mode = .always }
            _ = try await platform.reach(record.id) { $0.state == .running }
            _ = try await platform.manager.stop(record.id, grace: nil)
            let stopped = try await platform.reach(record.id) { $0.state.isFinal }
            #expect(stopped.state == .stopped)
            try await platform.manager.remove(record.id)
            #expect(store.stored(record.id) == nil)
            await #expect(throws: ApolloError.self) { try await platform.manager.remove(record.id) }
        }
    }

    @Test func `a removal that cannot be stored keeps the task`() async throws {
        try await Platform(store, runtime, node: node).live { platform in
            let record = try await platform.submit("job")
            let running = try await platform.reach(record.id) { $0.state == .running }
            runtime.end(running.current!.id, code: 0)
            _ = try await platform.reach(record.id) { $0.state.isFinal }
            try await platform.manager.settle()
            store.state.withLock { $0.failure = ApolloError(.exhausted, "disk full") }
            await #expect(throws: ApolloError.self) { try await platform.manager.remove(record.id) }
            #expect(platform.manager.record(record.id) != nil)
        }
    }

    @Test func `a stop gives up a start that hangs, and the watcher saw its progress`() async throws {
        let runtime = ScriptedRuntime(gate: Latch())
        try await Platform(store, runtime, node: node).live { platform in
            let record = try await platform.submit("slow")
            let watch = try #require(platform.manager.watch(record.id))
            let seen = try await watch.first { $0.progress != nil }
            #expect(seen?.state.progress?.activity == "waiting at the gate")
            _ = try await platform.manager.stop(record.id, grace: nil)
            let stopped = try await platform.reach(record.id) { $0.state.isFinal }
            #expect(stopped.state == .stopped)
            #expect(runtime.state.withLock { $0.starts } == 0)
        }
    }

    @Test func `a runtime that was away is found again when a task asks for it`() async throws {
        runtime.state.withLock { $0.isAvailable = false }
        try await Platform(store, runtime, node: node).live { platform in
            let error = await #expect(throws: ApolloError.self) { try await platform.submit("job") }
            #expect(error?.kind == .conflict)
            runtime.state.withLock { $0.isAvailable = true }
            _ = try await platform.submit("job")
        }
    }

    @Test func `what runs on a runtime that is away at the start is neither lost nor started again`()
        async throws
    {
        let first = Latch<TaskRecord>()
        try await Platform(store, runtime, node: node).live { platform in
            let record = try await platform.submit("runs")
            first.set(try await platform.reach(record.id) { $0.state == .running })
            try await platform.manager.settle()
        }
        runtime.state.withLock { $0.isAvailable = false }
        try await Platform(store, runtime, node: node).live { platform in
            let id = first.current!.id
            #expect(platform.manager.record(id)?.state == .running)
            runtime.state.withLock { $0.isAvailable = true }
            // Asking for the runtime makes the worker look, and take the attempt over.
            _ = try await platform.submit("next")
            runtime.end(first.current!.current!.id, code: 4)
            let ended = try await platform.reach(id) { $0.state.isFinal }
            #expect(ended.current?.exitCode == 4)
            #expect(ended.attemptCount == 1)
        }
    }

    @Test func `the same key gives the same task, also after a restart`() async throws {
        let first = Latch<TaskRecord>()
        try await Platform(store, runtime, node: node).live { platform in
            first.set(try await platform.submit("a", key: "once"))
            let again = try await platform.submit("b", key: "once")
            #expect(again.id == first.current!.id)
        }
        try await Platform(store, runtime, node: node).live { platform in
            let again = try await platform.submit("c", key: "once")
            #expect(again.id == first.current!.id)
        }
    }
}
