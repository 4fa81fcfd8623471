import ClusterModel
import Concurrency
import Core
import Managers
import TaskDecisions
import Testing

/// Many submissions at once.
struct BatchTests {
    let store = ScriptedStore()
    let runtime = ScriptedRuntime()
    let node: NodeID = Environment.live.identifier()

    private func submission(_ name: String, key: String? = nil) -> Submission {
        Submission(
            id: Environment.live.identifier(), name: name, project: "default",
            spec: TaskSpec(executable: "/bin/true"), principal: "user://local/admin", idempotencyKey: key)
    }

    @Test func `results stand in the order of the submissions, each stored by then`() async throws {
        try await Platform(store, runtime, node: node).live { platform in
            let submissions = (0..<300).map { submission("task-\($0)", key: "key \($0)") }
            let records = try await platform.manager.submit(submissions).map { try $0.get() }
            #expect(records.map(\.id) == submissions.map(\.id))
            #expect(records.allSatisfy { store.stored($0.id) != nil })
            let again = try await platform.manager.submit(submissions).map { try $0.get() }
            #expect(again.map(\.id) == submissions.map(\.id))
        }
    }

    @Test func `a long queue is stored in parts, and who waits for the first goes on`() async throws {
        try await Platform(store, runtime, node: node).live { platform in
            let first = store.hold()
            let submissions = (0..<2500).map { submission("task-\($0)") }
            let before = submission("before")
            async let one = platform.manager.submit([before])
            try await first.reached.wait()
            let second = store.hold()
            async let many = platform.manager.submit(submissions)
            // The loop has taken none of them: it waits for the first commit.
            while platform.manager.record(submissions[2499].id) == nil { await Task.yield() }
            first.gate.open()
            try await second.reached.wait()
            let third = store.hold()
            second.gate.open()
            try await third.reached.wait()
            #expect(store.stored(submissions[0].id) != nil)
            #expect(store.stored(submissions[2499].id) == nil)
            third.gate.open()
            #expect(try await one.map { try $0.get().id } == [before.id])
            #expect(try await many.map { try $0.get().id } == submissions.map(\.id))
            #expect(submissions.allSatisfy { store.stored($0.id) != nil })
        }
    }

    @Test func `what is refused is refused alone`() async throws {
        try await Platform(store, runtime, node: node).live { platform in
            let (first, second) = (submission("one"), submission("one"))
            let results = try await platform.manager.submit([first, second, submission("two")])
            #expect(try results[0].get().id == first.id)
            let refusal = #expect(throws: ApolloError.self) { try results[1].get() }
            #expect(refusal?.kind == .exists)
            #expect(try results[2].get().name == "two")
        }
    }

    @Test func `the same key twice in one batch makes one task`() async throws {
        try await Platform(store, runtime, node: node).live { platform in
            let first = submission("one", key: "same")
            let results = try await platform.manager.submit([first, submission("other", key: "same")])
            #expect(try results.map { try $0.get().id } == [first.id, first.id])
        }
    }

    @Test func `that an attempt runs is stored soon, though nothing comes after it`() async throws {
        try await Platform(store, runtime, node: node).live { platform in
            let (submission, stored) = (submission("one"), Latch<Void>())
            let store = store
            platform.manager.onChange { _ in
                if store.stored(submission.id)?.state == .running { stored.open() }
            }
            _ = try await platform.manager.submit(submission)
            try await withDeadline(.seconds(30), clock: LiveClock(), of: "a state to be stored") {
                try await stored.wait()
            }
        }
    }
}
