import ClusterModel
import Concurrency
import Core
import Managers
import Simulation
import TaskDecisions

/// Someone who uses the platform: submits with a key until told something, watches, stops, removes, and writes down in the
/// ledger what was promised.
struct SimulatedClient: Sendable {
    let platform: SimulatedPlatform
    let ledger: Ledger
    let findings: Findings
    let world: World
    let environment: Environment

    func live(_ story: Story) async throws {
        guard let id = try await submit(story) else { return }
        try await withThrowingTaskGroup(of: Void.self) { group in
            if story.watches { group.addTask { try await watch(story.key, id) } }
            group.addTask {
                if let wait = story.stopsAfter {
                    try await environment.clock.sleep(for: wait)
                    try await stop(story, id)
                }
            }
            try await group.waitForAll()
        }
        if story.repeats { try await submitAgain(story, id) }
        if story.removes { try await remove(story.key, id) }
    }

    private func pause() async throws {
        try await environment.clock.sleep(for: world.random.duration(in: .milliseconds(10) ... .seconds(3)))
    }

    // MARK: Steps

    private func submit(_ story: Story) async throws -> TaskID? {
        ledger.update(story.key) { $0.outcome = .open }
        while true {
            // Every request has an identifier of its own; the key is what makes them one.
            let submission = Submission(
                id: environment.identifier(), name: story.name, project: "default", spec: story.spec,
                principal: "user://local/admin", idempotencyKey: story.key)
            switch try await platform.ask({ try await $0.submit(submission) }) {
            case .value(let record):
                acknowledge(record, story.key)
                return record.id
            case .lost: try await pause()
            case .refused(let error):
                guard story.isPatient, error.kind != .exists else {
                    ledger.update(story.key) { $0.outcome = .refused }
                    return nil
                }
                try await pause()
            }
        }
    }

    private func submitAgain(_ story: Story, _ id: TaskID) async throws {
        try await pause()
        let submission = Submission(
            id: environment.identifier(), name: story.name, project: "default", spec: story.spec,
            principal: "user://local/admin", idempotencyKey: story.key)
        guard case .value(let record) = try await platform.ask({ try await $0.submit(submission) }) else {
            return
        }
        if record.id != id { acknowledge(record, story.key) }
        findings.check(
            record.id == id || world.mayExpire, .keyTwice, "\(story.key) was \(id) and is \(record.id)")
    }

    private func acknowledge(_ record: TaskRecord, _ key: String) {
        world.simulator.record("\(key) is acknowledged as \(record.name)")
        findings.check(world.disk.rows[record.id] != nil, .taskLost, "\(key) is acknowledged and not stored")
        findings.check(
            record.spec.labels[Story.label] == key, .keyTwice,
            "\(key) was answered with the task of \(record.spec.labels)")
        ledger.update(key) { $0.outcome = .acknowledged(record.id) }
    }

    /// Watches to the end, through as many lives of the platform as it takes.
    private func watch(_ key: String, _ id: TaskID) async throws {
        while true {
            let answer = try await platform.ask { manager -> TaskRecord? in
                guard let watch = manager.watch(id) else { return nil }
                var last: TaskRecord?
                var revision: UInt64 = 0
                while let snapshot = try await watch.next(after: revision) {
                    revision = snapshot.revision
                    last = snapshot.state.record
                }
                return last
            }
            switch answer {
            case .lost: try await pause()
            case .refused(let error): return findings.report(.unanswered, "a watch of \(key): \(error)")
            case .value(let record):
                // Nil when it is not there: the owed ones are checked elsewhere.
                ledger.update(key) { $0.seen = record }
                return
            }
        }
    }

    private func stop(_ story: Story, _ id: TaskID) async throws {
        for _ in 0..<(story.asksToStopTwice ? 2 : 1) {
            try await insist(story.key) { try await $0.stop(id, grace: story.stopGrace) }
            if let record = world.disk.rows[id]?.record {
                findings.check(
                    record.desired == .stopped || record.state.isFinal, .stopLost,
                    "\(story.key) is stored as \(record.state)")
            }
        }
        ledger.update(story.key) { $0.stopAcknowledged = true }
    }

    /// Asks until it is done.
    private func insist<Value: Sendable>(
        _ key: String, _ body: @escaping @Sendable (Manager) async throws -> Value
    ) async throws {
        while true {
            switch try await platform.ask(body) {
            case .value: return
            case .refused(let error) where error.kind == .notFound: return
            case .refused, .lost: try await pause()
            }
        }
    }

    private func remove(_ key: String, _ id: TaskID) async throws {
        for _ in 0..<20 {
            let final = try await platform.ask { manager in manager.record(id)?.state.isFinal ?? true }
            if case .value(true) = final {
                ledger.update(key) { $0.removalAsked = true }
                try await insist(key) { try await $0.remove(id) }
                ledger.update(key) { $0.removalAcknowledged = true }
                return
            }
            try await pause()
        }
    }
}
