public import ClusterModel
public import Core
public import JobDecisions
public import JobModel
public import Managers
import TaskDecisions

/// Jobs on the tasks of this platform's own manager.
public struct ManagedCluster: JobCluster {
    private let manager: Manager

    public init(_ manager: Manager) { self.manager = manager }

    public func create(
        _ instances: [(instance: JobInstance, spec: TaskSpec)], of job: JobRecord
    ) async -> [TaskID: String] {
        let missing = instances.filter { manager.record($0.instance.task) == nil }
        let submissions = missing.map { instance, spec in
            Submission(
                id: instance.task, name: instance.name, project: job.project, spec: spec,
                principal: job.createdBy, idempotencyKey: "job \(job.id) \(instance.task)")
        }
        var failures: [TaskID: String] = [:]
        do {
            for (submission, result) in zip(submissions, try await manager.submit(submissions)) {
                if case .failure(let error) = result { failures[submission.id] = "\(error)" }
            }
        } catch {
            // The platform ends: whoever starts next makes those that are missing.
            for submission in submissions { failures[submission.id] = "\(error)" }
        }
        return failures
    }

    public func stop(_ task: TaskID) async throws {
        guard let record = manager.record(task), !record.state.isFinal else { return }
        _ = try await manager.stop(task, grace: nil)
    }

    public func forget(_ task: TaskID) async throws {
        guard let record = manager.record(task), record.state.isFinal else { return }
        try await manager.remove(task)
    }

    public func sight(_ task: TaskID) -> TaskSight? {
        manager.look(at: task) { record in
            let isRunning = record.state == .running
            let runningSince = isRunning ? record.attempts.last?.startedAt : nil
            let health = isRunning ? record.attempts.last?.health : nil
            let isWell = health.map { $0.state == .healthy } ?? true
            return TaskSight(
                state: record.state, isStopAsked: record.desired == .stopped, runningSince: runningSince,
                readySince: isWell ? health?.since ?? runningSince : nil,
                restarts: max(0, record.attemptCount - 1), exitCode: record.attempts.last?.exitCode,
                reason: isWell ? record.reason : health?.reason ?? record.reason)
        }
    }

    public func nodes() -> [JobNode] {
        manager.nodes().map { node in
            JobNode(name: node.name, isReady: node.state == .ready, labels: node.placementLabels)
        }
    }

    public func rehearsal(project: String, tasks: [TaskID]) -> any JobRehearsal {
        ManagedRehearsal(manager: manager, places: manager.rehearsal(project: project, tasks: tasks))
    }

    public func onChange(_ changed: @escaping @Sendable ([TaskID]) -> Void) { manager.onChange(changed) }
}

private struct ManagedRehearsal: JobRehearsal {
    let manager: Manager
    var places: PlacementRehearsal

    mutating func place(_ task: TaskID, _ spec: TaskSpec) -> RehearsedPlace {
        switch places.place(task, spec) {
        case .node(let name, let evicts):
            .node(name, evicts: evicts.map { manager.record($0)?.name ?? $0.text })
        case .waits(let reason): .waits(reason)
        }
    }

    mutating func release(_ task: TaskID) { places.release(task) }

    func node(of task: TaskID) -> String? { places.node(of: task) }
}
