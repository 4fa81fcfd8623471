public import ClusterModel
import Concurrency
public import Discovery
import JobModel
public import Jobs
public import Managers
import Synchronization

/// Knows where the instances of all jobs answer that are ready, and tells who wants to know what changes.
public final class ServiceDirectory: Sendable {
    private struct Job {
        var record: JobRecord
        var instances: [JobInstance]
    }

    private struct State {
        var table = ServiceTable()
        var jobs: [JobID: Job] = [:]
        /// Jobs that may have changed.
        var dirty: Set<JobID> = []
        /// Whose endpoints are to go.
        var gone: [ServiceName] = []
        var nodes: [NodeID: Node] = [:]
        var areNodesOld = true
        var feeds: [ObjectIdentifier: WeakFeed] = [:]
    }

    private struct WeakFeed {
        weak var feed: ServiceFeed?
    }

    private let state = Mutex(State())
    private let manager: Manager
    /// Says that there is something to look at.
    private let calls = Mailbox<Void>("services", capacity: 1)

    /// Looks at the jobs of `jobs` from now on. Before these run.
    public init(manager: Manager, jobs: JobKeeper) {
        self.manager = manager
        jobs.observe { [weak self] id, record, instances in self?.changed(id, record, instances) }
        manager.onChange { [weak self] tasks in if tasks.isEmpty { self?.nodesChanged() } }
    }

    // MARK: Reads

    public var table: ServiceTable { state.withLock { $0.table } }

    public func endpoints(of service: ServiceName) -> [ServiceEndpoint] {
        state.withLock { $0.table.endpoints(of: service) }
    }

    /// What changes from now on, of one service or of all; first what there is.
    public func follow(_ service: ServiceName? = nil) -> ServiceFeed {
        state.withLock { state in
            let feed = ServiceFeed(
                service, service.map { state.table.endpoints(of: $0) } ?? state.table.all)
            state.feeds = state.feeds.filter { $0.value.feed != nil }
            state.feeds[ObjectIdentifier(feed)] = WeakFeed(feed: feed)
            return feed
        }
    }

    // MARK: Being told

    private func changed(_ id: JobID, _ record: JobRecord?, _ instances: [JobInstance]) {
        let isNews = state.withLock { state in
            // Most batches answer nobody.
            if let record, !record.spec.answering.isEmpty {
                state.jobs[id] = Job(record: record, instances: instances)
                state.dirty.insert(id)
                return true
            }
            guard let job = state.jobs.removeValue(forKey: id) else { return false }
            state.gone.append(ServiceName(project: job.record.project, job: job.record.name))
            return true
        }
        if isNews { _ = calls.send(()) }  // A full mailbox says so already.
    }

    private func nodesChanged() {
        state.withLock { state in
            state.areNodesOld = true
            state.dirty.formUnion(state.jobs.keys)
        }
        _ = calls.send(())
    }

    /// Keeps it up to date until cancelled.
    public func run() async {
        while !Task.isCancelled {
            // Throws only when cancelled, which is how it ends.
            guard (try? await calls.nextBatch()) != nil else { return }
            turn()
        }
    }

    private func turn() {
        let (jobs, gone, known) = state.withLock { state in
            defer { (state.dirty, state.gone) = ([], []) }
            return (
                state.dirty.sorted().compactMap { state.jobs[$0] }, state.gone,
                state.areNodesOld ? nil : state.nodes
            )
        }
        let nodes = known ?? Dictionary(uniqueKeysWithValues: manager.nodes().map { ($0.id, $0) })
        if known == nil {
            state.withLock { ($0.nodes, $0.areNodesOld) = (nodes, false) }
        }
        for service in gone { set([], of: service) }
        for job in jobs {
            let answering = job.record.spec.answering
            let endpoints = job.instances.compactMap { instance -> ServiceEndpoint? in
                // Nothing is asked about what did not run when its job was decided about.
                guard answering.contains(instance.group), instance.phase == .active,
                    instance.runningSince != nil, let record = manager.record(instance.task)
                else { return nil }
                return ServiceEndpoint(record, of: instance, in: job.record, nodes: nodes)
            }
            set(endpoints, of: ServiceName(project: job.record.project, job: job.record.name))
        }
    }

    private func set(_ endpoints: [ServiceEndpoint], of service: ServiceName) {
        state.withLock { state in
            let update = state.table.set(endpoints, of: service)
            guard !update.isEmpty else { return }
            for feed in state.feeds.values.compactMap(\.feed)
            where feed.service.map({ $0 == service }) ?? true {
                feed.add(update)
            }
        }
    }
}

extension JobSpec {
    /// The tasks of it that others find: what lasts, and what has ports. A batch of thousands that run for a moment is nobody's
    /// service.
    fileprivate var answering: Set<String> {
        switch type {
        case .service, .system: Set(tasks.map(\.name))
        case .batch, .cron: Set(tasks.filter { !$0.spec.ports.isEmpty }.map(\.name))
        }
    }
}

extension ServiceEndpoint {
    /// Where an instance answers; nil while it is not ready to.
    init?(_ task: TaskRecord, of instance: JobInstance, in job: JobRecord, nodes: [NodeID: Node]) {
        guard task.state == .running, task.desired == .run, let attempt = task.current,
            attempt.state == .running, (task.health?.state ?? .healthy) == .healthy,
            let node = nodes[attempt.node], !node.state.isAbsent
        else { return nil }
        let ports = attempt.ports.compactMap { given -> ServiceEndpoint.Port? in
            guard let number = given.host else { return nil }
            let asked = task.spec.ports.first {
                $0.container == given.container && $0.transport == given.transport
            }
            return ServiceEndpoint.Port(
                name: given.name ?? asked?.name, container: given.container, port: number,
                address: given.address, transport: given.transport)
        }
        self.init(
            id: task.id, attempt: attempt.id, name: task.name, task: instance.group, job: job.name,
            project: job.project, node: node.name, nodeID: node.id, address: node.address ?? "127.0.0.1",
            ports: ports)
    }
}
