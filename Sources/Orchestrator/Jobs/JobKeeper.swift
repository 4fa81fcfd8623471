public import Buses
public import Calendars
import ClusterModel
import Concurrency
public import Core
import Documents
import JobDecisions
public import JobModel
import Synchronization

/// Owns the state of all jobs: has it decided, stores what was decided, then has the cluster do it.
///
/// All changes go through one loop, ``run()``, a batch at a time; reads take a short lock. What is acknowledged is stored,
/// and what is stored is done again after a crash until it is done.
public final class JobKeeper: Sendable {
    struct State {
        var works: [JobID: JobWork] = [:]
        var names: [JobName: JobID] = [:]
        /// The JSON of jobs, as far as it was written.
        var json: [JobID: [UInt8]] = [:]
        var requests: [String: JobRequest] = [:]
        /// Which job a task belongs to.
        var owners: [TaskID: JobID] = [:]
        /// Jobs to decide about whole, because something of theirs changed.
        var dirty: Set<JobID> = []
        /// The tasks of jobs of which something changed since these were decided about: to decide anew, only they are looked at.
        var heard: [JobID: Set<TaskID>] = [:]
        /// When jobs were last looked at whole.
        var looks: [JobID: MonotonicInstant] = [:]

        /// Has a job decided about, though nobody told of a change of its tasks.
        mutating func look(at job: JobID) { heard[job] = heard[job] ?? [] }

        /// Jobs for which something is being done: they are decided about when it is.
        var busy: Set<JobID> = []
        var wakes = JobWakes()
        /// Until when jobs are left alone, whatever their tasks do.
        var rests: [JobID: MonotonicInstant] = [:]
        var commands: [Command] = []
    }

    struct Command: Sendable {
        /// What the job is to be; nil to forget it.
        var decide: @Sendable (JobLookup) throws -> (id: JobID, work: JobWork?)
        var key: String?
        var done: Latch<Result<JobID, any Error>>
    }

    /// The most changes that wait for their turn.
    static let maximumCommands = 1000

    let state = Mutex(State())
    let store: JobStore
    let cluster: any JobCluster
    let environment: Environment
    let retention: JobRetention
    /// Where it says what changed; nil where nobody would listen.
    let bus: (any Bus)?
    /// The clocks of the time zones that this machine knows.
    let zones: ZoneDirectory
    /// For the log: what went wrong that has no caller.
    let note: @Sendable (String) -> Void
    /// Who is told of what jobs have made. A list, also of one: a closure that is itself what a lock guards is wrapped once more each time
    /// it is read (Swift 6.3), and is called through all its wraps.
    let observers = Mutex<[@Sendable (JobID, JobRecord?, [JobInstance]) -> Void]>([])
    /// Says that there is something to do.
    let calls = Mailbox<Void>("jobs", capacity: 1)

    public init(
        store: JobStore, cluster: any JobCluster, environment: Environment,
        retention: JobRetention = JobRetention(), bus: (any Bus)? = nil,
        zones: ZoneDirectory = ZoneDirectory(), note: @escaping @Sendable (String) -> Void
    ) {
        self.store = store
        self.cluster = cluster
        self.environment = environment
        self.retention = retention
        self.bus = bus
        self.zones = zones
        self.note = note
    }

    /// Takes over what is stored. Before ``run()``.
    public func load() async throws {
        let (works, requests) = try await store.load()
        state.withLock { state in
            state.requests = requests
            for work in works {
                state.works[work.job.id] = work
                state.names[JobName(project: work.job.project, name: work.job.name)] = work.job.id
                for instance in work.instances { state.owners[instance.task] = work.job.id }
                state.dirty.insert(work.job.id)
            }
        }
        cluster.onChange { [weak self] tasks in self?.changed(tasks) }
    }

    /// Has `changed` called with a job and its instances whenever something of them or their tasks may have changed, and without
    /// the job when it is forgotten. Before ``run()``; it must not block.
    public func observe(_ changed: @escaping @Sendable (JobID, JobRecord?, [JobInstance]) -> Void) {
        observers.withLock { $0.append(changed) }
    }

    // MARK: Reads

    public func list(project: String) -> [JobRecord] {
        state.withLock { $0.works.values.map(\.job) }.filter { $0.project == project }.sorted {
            $0.name < $1.name
        }
    }

    /// The JSON of the jobs of `project` whose names come after `name`, in the order of their names: at most `limit`, the name of the
    /// last, and whether there are more. Each is written once for all who ask.
    public func page(
        project: String, after name: String, limit: Int
    ) throws -> (items: [[UInt8]], last: String?, isMore: Bool) {
        let found = list(project: project).filter { $0.name > name }
        let jobs = found.prefix(limit)
        let known = state.withLock { state in jobs.map { state.json[$0.id] } }
        let items = try zip(jobs, known).map { job, json in
            if let json { return json }
            let json = try JSONWriter.bytes(encoding: job)
            state.withLock { state in
                if state.works[job.id]?.job == job { state.json[job.id] = json }
            }
            return json
        }
        return (items, jobs.last?.name, found.count > limit)
    }

    /// The job of this name or identifier in `project`.
    public func find(_ handle: String, project: String) -> JobRecord? {
        state.withLock { state in
            if let id = state.names[JobName(project: project, name: handle)] { return state.works[id]?.job }
            guard let job = JobID(parsing: handle).flatMap({ state.works[$0]?.job }) else { return nil }
            return job.project == project ? job : nil
        }
    }

    public func instances(_ id: JobID) -> [JobInstance] { state.withLock { $0.works[id]?.instances ?? [] } }

    /// When a cron job runs next by itself.
    public func nextRuns(_ id: JobID) -> [Timestamp]? {
        guard let work = state.withLock({ $0.works[id] }), work.job.cron != nil else { return nil }
        return work.nextRuns(5, world())
    }

    /// What is wrong with a specification on this machine.
    public func fault(_ spec: JobSpec) -> ApolloError? {
        guard let cron = spec.cron else { return nil }
        do throws(ApolloError) {
            _ = try zones.rules(cron.timeZone, at: environment.wallClock.now)
            return nil
        } catch {
            return ApolloError(
                .invalid, "one thing is wrong in the job", hint: error.hint,
                fields: [FieldError(path: "cron.timeZone", message: error.message)])
        }
    }

    /// - Parameter hasNodes: whether anybody asks for the nodes: with thousands of them they are most of the work.
    func world(hasNodes: Bool = true) -> JobWorld {
        let (environment, zones) = (environment, zones)
        let now = environment.wallClock.now
        return JobWorld(
            now: now, nodes: hasNodes ? cluster.nodes() : [],
            // Why it is not known, its job says.
            zone: { try? zones.rules($0, at: now) }, sight: { self.cluster.sight($0) },
            identifier: { environment.identifier() })
    }

    /// How many changes wait for their turn.
    public var waitingCount: Int { state.withLock { $0.commands.count } }

    /// How many entries it holds of jobs, names, request ids, tasks, and times to look again.
    public var memberCounts: [Int] {
        state.withLock {
            [$0.works.count, $0.names.count, $0.requests.count, $0.owners.count, $0.wakes.count]
        }
    }

    public func projects() -> Set<String> { state.withLock { Set($0.works.values.map(\.job.project)) } }

    // MARK: Being told

    /// Something of these tasks changed, or with none named, of the nodes.
    private func changed(_ tasks: [TaskID]) {
        let isNews = state.withLock { state in
            let before = state.dirty.count + state.heard.count
            if tasks.isEmpty {
                for (id, work) in state.works where work.job.spec.type == .system { state.dirty.insert(id) }
            }
            for task in tasks {
                if let owner = state.owners[task] { state.heard[owner, default: []].insert(task) }
            }
            return state.dirty.count + state.heard.count > before
        }
        // A full mailbox says so already.
        if isNews { _ = calls.send(()) }
    }

    /// Has the loop change a job, and returns the job once that is stored.
    func command(
        key: String?, _ decide: @escaping @Sendable (JobLookup) throws -> (id: JobID, work: JobWork?)
    ) async throws -> JobRecord? {
        let done = Latch<Result<JobID, any Error>>()
        let isTaken = state.withLock { state in
            guard state.commands.count < Self.maximumCommands else { return false }
            state.commands.append(Command(decide: decide, key: key, done: done))
            return true
        }
        guard isTaken else {
            throw ApolloError(
                .exhausted, "\(Self.maximumCommands) changes of jobs wait already",
                hint: "try again in a while")
        }
        _ = calls.send(())
        let id = try await done.value().get()
        return state.withLock { $0.works[id]?.job }
    }
}
