public import ClusterModel
public import Concurrency
import Synchronization
public import TaskDecisions
public import TaskRuntimes
public import Workers

// What is read of the manager's state. Nothing here waits for anything.
extension Manager {
    public func record(_ id: TaskID) -> TaskRecord? {
        state.withLock { state in
            renewReasons(of: [id], &state)
            return state.core.tasks[id]
        }
    }

    /// What `look` finds in a task's record, which is copied for nobody; nil for an unknown task. It is called under the lock, and must
    /// be quick.
    public func look<Value: Sendable>(at id: TaskID, _ look: (TaskRecord) -> Value) -> Value? {
        state.withLock { state in
            renewReasons(of: CollectionOfOne(id), &state)
            return state.core.tasks[id].map(look)
        }
    }

    /// Why a task waits is found out anew for whoever looks: of many that wait nobody wrote it meanwhile.
    func renewReasons(of ids: some Sequence<TaskID>, _ state: inout State) {
        let decision = state.core.renewReasons(of: ids)
        if !decision.isEmpty { enqueue(OutboxEntry(decision), &state) }
    }

    /// A copy of the nodes' room, to try placements on; `tasks` are those of the project that may be released on it.
    public func rehearsal(project: String, tasks: [TaskID]) -> PlacementRehearsal {
        state.withLock { $0.core.rehearsal(project: project, tasks: tasks) }
    }

    /// The task of this name or identifier in `project`.
    public func find(_ handle: String, project: String) -> TaskRecord? {
        state.withLock { state in
            guard let id = state.core.identify(handle, project: project) else { return nil }
            renewReasons(of: [id], &state)
            return state.core.tasks[id]
        }
    }

    /// The record's revision and JSON, encoded once a revision.
    public func json(_ handle: String, project: String) -> (revision: Int64, bytes: [UInt8])? {
        let (record, cached) = state.withLock { state -> (TaskRecord?, (revision: Int64, bytes: [UInt8])?) in
            guard let id = state.core.identify(handle, project: project) else { return (nil, nil) }
            renewReasons(of: [id], &state)
            if let cached = state.json[id], cached.revision == state.core.tasks[id]?.revision {
                return (nil, cached)
            }
            return (state.core.tasks[id], nil)
        }
        if let cached { return cached }
        guard let record else { return nil }
        let entry = (revision: record.revision, bytes: RecordCoding.encode(record))
        state.withLock { state in
            if state.core.tasks[record.id]?.revision == record.revision { state.json[record.id] = entry }
        }
        return entry
    }

    private static let listedAtOnce = 1024

    /// The tasks of `project` in the order of their identifiers, which is that of their age.
    public func list(
        project: String, after: TaskID? = nil, limit: Int,
        where isWanted: (TaskRecord) -> Bool = { _ in true }
    ) -> [TaskRecord] {
        var rest = state.withLock { Array($0.core.tasks.keys) }
            .filter { id in after.map { id > $0 } ?? true }.sorted()[...]
        var page: [TaskRecord] = []
        // Records are copied a part at a time, and none that stands behind the page.
        while page.count < limit, !rest.isEmpty {
            let part = rest.prefix(Self.listedAtOnce)
            rest = rest.dropFirst(part.count)
            let records = state.withLock { state in part.compactMap { state.core.tasks[$0] } }
            page += records.filter { $0.project == project && isWanted($0) }.prefix(limit - page.count)
        }
        return state.withLock { state in
            renewReasons(of: page.lazy.filter { $0.state == .pending }.map(\.id), &state)
            return page.map { record in
                let now = state.core.tasks[record.id]
                return now?.state == .pending && record.state == .pending ? now ?? record : record
            }
        }
    }

    /// The projects that have tasks.
    public func projects() -> Set<String> { state.withLock { Set($0.core.tasks.values.lazy.map(\.project)) } }

    /// The task's states from now on; ends when the task is finished or removed. Nil for an unknown task.
    public func watch(_ id: TaskID) -> Watch<TaskView>? {
        state.withLock { state in
            renewReasons(of: [id], &state)
            guard let record = state.core.tasks[id] else { return nil }
            if let watch = state.watches[id] { return watch }
            let watch = Watch(TaskView(record: record, progress: state.progress[id]))
            if record.state.isFinal {
                watch.finish()
            } else {
                state.watches[id] = watch
            }
            return watch
        }
    }

    /// The connection to a node, for what is read there.
    public func connection(to node: NodeID) -> (any NodeConnection)? {
        state.withLock { $0.connections[node] }
    }

    /// The attempt as one that is given these secrets: it has not ended, is on the node of that name, and its task asks for
    /// them all; else nil.
    public func recipient(
        _ attempt: AttemptID, of references: [SecretReference], in project: String,
        onNodeNamed name: String, at peer: String
    ) -> SecretRecipient? {
        state.withLock { state in
            guard let node = state.core.nodes.values.first(where: { $0.name == name })?.id,
                let record = state.core.tasks.values.first(where: { $0.current?.id == attempt }),
                record.project == project, references.allSatisfy(record.spec.secrets.contains),
                let current = record.current, current.node == node, current.state != .ended
            else { return nil }
            return SecretRecipient(
                task: record.id, attempt: attempt, project: project, node: name, peer: peer)
        }
    }

    /// How the nodes look to a task; nil for an unknown one.
    public func explain(_ id: TaskID) -> PlacementReport? {
        state.withLock { state in
            renewReasons(of: [id], &state)
            return state.core.explain(id)
        }
    }

    /// Why the platform cannot store anything now, or nil.
    public var storageProblem: String? { state.withLock { $0.storageProblem } }

    /// How many tasks are in each state, for metrics.
    public func counts() -> [TaskState: Int] {
        state.withLock { state in
            state.core.tasks.values.reduce(into: [:]) { $0[$1.state, default: 0] += 1 }
        }
    }
}
