import ClusterModel
import Concurrency
import Core
import JobDecisions
import JobModel
import Jobs
import Synchronization

/// A cluster of plain values: its tasks do what the test says.
final class ScriptedCluster: JobCluster {
    struct State {
        var tasks: [TaskID: TaskSight] = [:]
        var jobs: [TaskID: String] = [:]
        var nodes: [JobNode] = []
        var changed: (@Sendable ([TaskID]) -> Void)?
        /// Where the making of tasks of a job waits.
        var gates: [String: Latch<Void>] = [:]
        var refusal: ApolloError?
        /// Why no task can be stopped.
        var stopRefusal: ApolloError?
        var stops = 0
        var makings = 0
        /// Whether tasks complete as soon as they are made.
        var completes = false
    }

    let state = Mutex(State())

    func create(
        _ instances: [(instance: JobInstance, spec: TaskSpec)], of job: JobRecord
    ) async -> [TaskID: String] {
        let gate = state.withLock { $0.gates[job.name] }
        do {
            try await gate?.value()
        } catch {
            return [:]  // Cancelled: the test ends.
        }
        var failures: [TaskID: String] = [:]
        for (instance, _) in instances {
            let changed = state.withLock { state in
                state.makings += 1
                if let refusal = state.refusal {
                    failures[instance.task] = "\(refusal)"
                } else if state.tasks[instance.task] == nil {
                    state.tasks[instance.task] = TaskSight(
                        state: state.completes ? .completed : .pending, exitCode: state.completes ? 0 : nil,
                        reason: "waits")
                    state.jobs[instance.task] = job.name
                }
                return state.changed
            }
            changed?([instance.task])
        }
        return failures
    }

    func stop(_ task: TaskID) async throws {
        let refusal = state.withLock { state in
            state.stops += 1
            return state.stopRefusal
        }
        if let refusal { throw refusal }
        change(task) { $0.state = .stopped }
    }

    func forget(_ task: TaskID) async throws {
        state.withLock { state in
            state.tasks[task] = nil
            state.jobs[task] = nil
        }
    }

    func sight(_ task: TaskID) -> TaskSight? { state.withLock { $0.tasks[task] } }
    func rehearsal(project: String, tasks: [TaskID]) -> any JobRehearsal { Nowhere() }
    func nodes() -> [JobNode] { state.withLock { $0.nodes } }
    func onChange(_ changed: @escaping @Sendable ([TaskID]) -> Void) {
        state.withLock { $0.changed = changed }
    }

    // MARK: What the test does

    func change(_ task: TaskID, _ body: (inout TaskSight) -> Void) {
        let changed = state.withLock { state in
            if state.tasks[task] != nil { body(&state.tasks[task]!) }
            return state.changed
        }
        changed?([task])
    }

    func tasks(of job: String) -> [TaskID] {
        state.withLock { state in state.jobs.filter { $0.value == job }.map(\.key).sorted() }
    }
}

/// A cluster without room.
private struct Nowhere: JobRehearsal {
    mutating func place(_ task: TaskID, _ spec: TaskSpec) -> RehearsedPlace { .waits("there is no node") }
    mutating func release(_ task: TaskID) {}
    func node(of task: TaskID) -> String? { nil }
}
