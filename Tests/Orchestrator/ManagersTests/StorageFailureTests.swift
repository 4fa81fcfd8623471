import ClusterModel
import Concurrency
import Core
import Managers
import Synchronization
import TaskDecisions
import Testing

/// What the manager promises while its store fails, and what it does not do then.
struct StorageFailureTests {
    let store = ScriptedStore()
    let runtime = ScriptedRuntime()
    let node: NodeID = Environment.live.identifier()
    private let full = ApolloError(.exhausted, "disk full")

    @Test func `a repeated submission is not acknowledged when the first cannot be stored`() async throws {
        try await Platform(store, runtime, node: node).live { platform in
            let (gate, reached) = store.hold()
            async let first = platform.submit("a", key: "once")
            try await reached.wait()
            async let second = platform.submit("a", key: "once")
            store.fail(full)
            gate.open()
            var refusals = 0
            do { _ = try await first } catch is ApolloError { refusals += 1 }
            do { _ = try await second } catch is ApolloError { refusals += 1 }
            #expect(refusals == 2)
            store.fail(nil)
            let third = try await platform.submit("a", key: "once")
            #expect(store.stored(third.id) != nil)
            #expect(store.state.withLock { $0.tasks.count } == 1)
        }
    }

    @Test func `what could not be stored can be submitted again under its identifier`() async throws {
        try await Platform(store, runtime, node: node).live { platform in
            let submission = Submission(
                id: Environment.live.identifier(), name: "again", project: "default",
                spec: TaskSpec(executable: "/bin/true"), principal: "user://local/admin")
            store.fail(full)
            await #expect(throws: ApolloError.self) { try await platform.manager.submit(submission) }
            store.fail(nil)
            _ = try await platform.manager.submit(submission)
            #expect(store.stored(submission.id) != nil)
            _ = try await platform.reach(submission.id) { $0.state == .running }
        }
    }

    @Test func `a known task is given to a repeated submission although other things cannot be stored`()
        async throws
    {
        try await Platform(store, runtime, node: node).live { platform in
            let known = try await platform.submit("a", key: "once")
            let running = try await platform.reach(known.id) { $0.state == .running }
            try await platform.manager.settle()
            store.fail(full)
            runtime.end(running.current!.id, code: 0)
            _ = try await platform.reach(known.id) { $0.state.isFinal }
            #expect(try await platform.submit("b", key: "once").id == known.id)
        }
    }

    @Test func `what was decided about a submission that is taken back is neither stored nor done`()
        async throws
    {
        try await Platform(store, runtime, node: node).live { platform in
            let holder = try await platform.submit("holder") { $0.resources.cpuMillis = 2000 }
            let running = try await platform.reach(holder.id) { $0.state == .running }
            try await platform.manager.settle()
            let (gate, reached) = store.hold()
            async let waiting = platform.submit("waits") { $0.resources.cpuMillis = 2000 }
            try await reached.wait()
            // The end gives its place to the submission that is still being stored.
            runtime.end(running.current!.id, code: 0)
            _ = try await platform.reach(holder.id) { $0.state.isFinal }
            store.fail(full)
            gate.open()
            var isRefused = false
            do { _ = try await waiting } catch is ApolloError { isRefused = true }
            #expect(isRefused)
            store.fail(nil)
            try await platform.manager.settle()
            #expect(store.state.withLock { $0.tasks.keys.map(\.self) } == [holder.id])
            #expect(runtime.state.withLock { $0.starts } == 1)
        }
    }

    @Test func `nothing starts before it is stored`() async throws {
        try await Platform(store, runtime, node: node).live { platform in
            let first = try await platform.submit("first") { $0.resources.cpuMillis = 2000 }
            let running = try await platform.reach(first.id) { $0.state == .running }
            let second = try await platform.submit("second") { $0.resources.cpuMillis = 2000 }
            store.fail(full)
            runtime.end(running.current!.id, code: 0)
            _ = try await platform.reach(second.id) { $0.state == .scheduled }
            await #expect(throws: ApolloError.self) { try await platform.manager.settle() }
            #expect(runtime.state.withLock { $0.starts } == 1)
            store.fail(nil)
            _ = try await platform.reach(second.id) { $0.state == .running }
            #expect(runtime.state.withLock { $0.starts } == 2)
        }
    }

    @Test
    func `a stop that cannot be stored is carried out, and not acknowledged, however often it is asked`()
        async throws
    {
        try await Platform(store, runtime, node: node).live { platform in
            let record = try await platform.submit("service")
            _ = try await platform.reach(record.id) { $0.state == .running }
            try await platform.manager.settle()
            store.fail(full)
            for _ in 0..<2 {
                await #expect(throws: ApolloError.self) {
                    _ = try await platform.manager.stop(record.id, grace: nil)
                }
            }
            _ = try await platform.reach(record.id) { $0.state == .stopped }
            store.fail(nil)
            try await platform.manager.settle()
            #expect(store.stored(record.id)?.state == .stopped)
        }
    }

    @Test func `a removal that cannot be stored keeps the task's key`() async throws {
        try await Platform(store, runtime, node: node).live { platform in
            let record = try await platform.submit("job", key: "once")
            let running = try await platform.reach(record.id) { $0.state == .running }
            runtime.end(running.current!.id, code: 0)
            _ = try await platform.reach(record.id) { $0.state.isFinal }
            try await platform.manager.settle()
            store.fail(full)
            await #expect(throws: ApolloError.self) { try await platform.manager.remove(record.id) }
            store.fail(nil)
            #expect(try await platform.submit("other", key: "once").id == record.id)
        }
    }

    @Test func `a name can be used again as soon as the removal is acknowledged`() async throws {
        try await Platform(store, runtime, node: node).live { platform in
            let record = try await platform.submit("job")
            let running = try await platform.reach(record.id) { $0.state == .running }
            runtime.end(running.current!.id, code: 0)
            _ = try await platform.reach(record.id) { $0.state.isFinal }
            let (gate, reached) = store.hold()
            async let removal: Void = platform.manager.remove(record.id)
            try await reached.wait()
            // It waits for the removal rather than being refused for a name that is about to be free.
            async let next = platform.submit("job")
            gate.open()
            try await removal
            #expect(try await next.id != record.id)
        }
    }
}
