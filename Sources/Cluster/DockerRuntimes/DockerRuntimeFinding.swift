public import ClusterModel
public import Core
import HTTPClients
import Synchronization
public import TaskRuntimes

/// Finding containers again.
extension DockerRuntime {
    /// Runs `body` with the engine, and says what its failures mean.
    func call<Value>(
        _ activity: String, _ body: (Engine) async throws(EngineFailure) -> Value
    ) async throws(RuntimeError) -> Value {
        let engine = try await session.engine()
        do throws(EngineFailure) { return try await body(engine) } catch {
            if error.isTransient { session.forget() }
            throw error.isNotFound ? .unknownAttempt : error.runtimeError(activity)
        }
    }

    /// The container of an attempt; nil where there is none.
    func find(_ attempt: AttemptID, _ engine: Engine) async throws(EngineFailure) -> String? {
        if let id = memory.withLock({ $0.containers[attempt] }) { return id }
        let labels = [
            label(ContainerLabel.instance, configuration.instance),
            label(ContainerLabel.attempt, attempt.text),
        ]
        guard let id = try await engine.list(labels: labels).first?.id else { return nil }
        memory.withLock { $0.containers[attempt] = id }
        return id
    }

    private func label(_ name: String, _ value: String) -> String { "\(name)=\(value)" }

    func forget(_ attempt: AttemptID) {
        memory.withLock { memory in
            memory.containers[attempt] = nil
            memory.started[attempt] = nil
            memory.addresses[attempt] = nil
        }
    }

    public func list() async throws(RuntimeError) -> [RuntimeAttempt] {
        try await call("listing the containers") { (engine) throws(EngineFailure) in
            let labels = [label(ContainerLabel.instance, configuration.instance)]
            let summaries = try await engine.list(labels: labels)
            let result = await Self.inspect(summaries.map(\.id), engine)
            let inspections = try result.get()
            return inspections.compactMap(known)
        }
    }

    /// Inspects the containers, some at once; those that are gone by then are left out.
    private static func inspect(
        _ ids: [String], _ engine: Engine
    ) async -> Result<[ContainerInspection], EngineFailure> {
        await withTaskGroup(of: Result<ContainerInspection?, EngineFailure>.self) { group in
            var rest = ids[...]
            func addNext() {
                guard let id = rest.popFirst() else { return }
                group.addTask {
                    do throws(EngineFailure) { return .success(try await engine.inspect(id)) } catch {
                        return error.isNotFound ? .success(nil) : .failure(error)
                    }
                }
            }
            for _ in 0..<8 { addNext() }
            var found: [ContainerInspection] = []
            for await result in group {
                switch result {
                case .success(let inspection): if let inspection { found.append(inspection) }
                case .failure(let error):
                    group.cancelAll()
                    return .failure(error)
                }
                addNext()
            }
            return .success(found)
        }
    }

    /// The attempt that a container is; nil for one that is just being started.
    private func known(_ container: ContainerInspection) -> RuntimeAttempt? {
        let labels = container.configuration.labels ?? [:]
        guard let attempt = labels[ContainerLabel.attempt].flatMap({ AttemptID(parsing: $0) }),
            let task = labels[ContainerLabel.task].flatMap({ TaskID(parsing: $0) })
        else { return nil }
        let isStarting = memory.withLock { memory in
            memory.containers[attempt] = container.id
            return memory.starting.contains(attempt)
        }
        if let startedAt = container.startedAt {
            return RuntimeAttempt(
                attempt: attempt, task: task, startedAt: startedAt, exit: container.exit,
                ports: container.ports, diskLimit: container.diskLimit)
        }
        if isStarting { return nil }
        let now = environment.wallClock.now
        return RuntimeAttempt(
            attempt: attempt, task: task, startedAt: now, exit: Self.neverStarted(at: now),
            ports: container.ports)
    }

    public func diskUse(_ attempt: AttemptID) async throws(RuntimeError) -> DirectoryTree.Size? {
        try await call("measuring the container") { (engine) throws(EngineFailure) in
            guard let id = try await find(attempt, engine) else { throw .known(.unknownAttempt) }
            let container = try await engine.measure(id)
            guard container.state.isRunning, let written = container.writtenSize else { return nil }
            var size = DirectoryTree.Size()
            size.bytes = written
            return size
        }
    }

    /// The end of a container that was made and not started: Apollo was killed between the two.
    static func neverStarted(at time: Timestamp) -> AttemptExit {
        AttemptExit(
            code: nil, endedAt: time, reason: "never started: Apollo ended while it was being started")
    }
}

extension ContainerStatistics {
    /// Nil for a container that does not run.
    var usage: AttemptUsage? {
        guard let read, !read.hasPrefix("0001-"), let processes = processes?.current, processes > 0 else {
            return nil
        }
        // What the kernel gives back under pressure is not counted, as by docker stats: cgroup v1 and v2 name it so.
        let details = memory?.details ?? [:]
        let inactive = details["total_inactive_file"] ?? details["inactive_file"] ?? 0
        let used = (memory?.usage ?? 0) - inactive
        return AttemptUsage(
            cpuSeconds: Double(processor?.usage?.total ?? 0) / 1e9, memory: ByteCount(max(0, used)),
            processes: processes, readBytes: disks?.sum("read"), writtenBytes: disks?.sum("write"))
    }
}
