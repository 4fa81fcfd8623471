public import ClusterModel
public import Core
public import Scheduling

/// The phantom kind of ``JobID``.
public enum JobKind {}
public typealias JobID = Identifier<JobKind>

/// What a job's tasks are for, and so how many of them there are and when they end.
public enum JobType: String, Hashable, Sendable, Codable, CaseIterable {
    /// So many instances, kept up until it is stopped.
    case service
    /// Every index runs to its end once.
    case batch
    /// One instance on each node that fits.
    case system
    /// A batch again and again, by the clock.
    case cron

    /// Whether its tasks run to an end.
    public var runsThrough: Bool { self == .batch || self == .cron }
}

/// What a user asks for with a job.
public struct JobSpec: Hashable, Sendable, Codable {
    /// Unique within its project.
    public var name: String
    public var type: JobType
    /// The values of the nodes' label `datacenter` that it may run in; empty for any.
    public var datacenters: [String]
    /// For all its tasks, beside their own.
    public var constraints: [Constraint]
    public var affinities: [Affinity]
    /// What its tasks have that name none of their own.
    public var spread: SpreadRule?
    /// What its tasks have that name none of their own.
    public var priority: Int
    public var update: UpdatePolicy
    /// When it runs; of cron jobs.
    public var cron: CronPolicy?
    public var tasks: [JobTask]

    public init(
        name: String, type: JobType = .service, datacenters: [String] = [], constraints: [Constraint] = [],
        affinities: [Affinity] = [], spread: SpreadRule? = nil, priority: Int = 0,
        update: UpdatePolicy = UpdatePolicy(),
        cron: CronPolicy? = nil, tasks: [JobTask]
    ) {
        self.name = name
        self.type = type
        self.datacenters = datacenters
        self.constraints = constraints
        self.affinities = affinities
        self.spread = spread
        self.priority = priority
        self.update = update
        self.cron = cron
        self.tasks = tasks
    }

    public func task(_ name: String) -> JobTask? { tasks.first { $0.name == name } }

    /// What every instance of `task` is made of.
    public func template(_ task: JobTask) -> TaskSpec {
        var spec = task.spec
        if !datacenters.isEmpty { spec.constraints.append(Constraint("datacenter", .isIn, datacenters)) }
        spec.constraints += constraints
        spec.affinities += affinities
        if spec.priority == 0 { spec.priority = priority }
        if spec.spread == nil { spec.spread = spread }
        if spec.group == nil, spec.spread != nil || spec.apart { spec.group = "\(name)/\(task.name)" }
        return spec
    }
}

/// How a service changes to a new version.
public struct UpdatePolicy: Hashable, Sendable, Codable {
    /// How many instances more than asked for there may be meanwhile.
    public var maxSurge: Int
    /// How many instances less than asked for may be ready meanwhile.
    public var maxUnavailable: Int
    /// How long an instance has to run before it counts as ready.
    public var minReady: Seconds
    /// How long no further instance may become ready until the update has failed.
    public var progressDeadline: Seconds
    /// Whether a failed update goes back to the last version that was ready as a whole.
    public var autoRevert: Bool

    public init(
        maxSurge: Int = 1, maxUnavailable: Int = 0, minReady: Seconds = Seconds(1),
        progressDeadline: Seconds = Seconds(600), autoRevert: Bool = true
    ) {
        self.maxSurge = maxSurge
        self.maxUnavailable = maxUnavailable
        self.minReady = minReady
        self.progressDeadline = progressDeadline
        self.autoRevert = autoRevert
    }
}

/// One kind of task of a job, of which there are `instances`.
public struct JobTask: Hashable, Sendable, Codable {
    /// Unique within the job.
    public var name: String
    public var instances: Int
    /// The most of them at once; nil for all. Batch and cron only.
    public var parallelism: Int?
    /// How often an index is tried again after a failure. Batch and cron only.
    public var retries: Int
    /// The tasks of the job that it starts after.
    public var after: [TaskDependency]
    public var spec: TaskSpec

    public init(
        name: String, instances: Int = 1, parallelism: Int? = nil, retries: Int = 0,
        after: [TaskDependency] = [], spec: TaskSpec
    ) {
        self.name = name
        self.instances = instances
        self.parallelism = parallelism
        self.retries = retries
        self.after = after
        self.spec = spec
    }

    private enum CodingKeys: String, CodingKey { case name, instances, parallelism, retries, after }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        name = try values.decode(String.self, forKey: .name)
        instances = try values.decodeIfPresent(Int.self, forKey: .instances) ?? 1
        parallelism = try values.decodeIfPresent(Int.self, forKey: .parallelism)
        retries = try values.decodeIfPresent(Int.self, forKey: .retries) ?? 0
        after = try values.decodeIfPresent([TaskDependency].self, forKey: .after) ?? []
        spec = try TaskSpec(from: decoder)
    }

    public func encode(to encoder: any Encoder) throws {
        try spec.encode(to: encoder)
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(name, forKey: .name)
        try values.encode(instances, forKey: .instances)
        try values.encodeIfPresent(parallelism, forKey: .parallelism)
        try values.encode(retries, forKey: .retries)
        try values.encode(after, forKey: .after)
    }
}
