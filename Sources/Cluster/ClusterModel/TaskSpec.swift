public import Core
public import Scheduling

/// What a user asks for: the unit that is placed and run. Nothing in it changes once it is accepted.
public struct TaskSpec: Hashable, Sendable, Codable {
    /// The container image to run, such as `busybox:1.35`; nil for an executable of the host.
    public var image: String?
    /// The executable of the host to run, absolute or found on the service's `PATH`; nil for a container.
    public var executable: String?
    /// What runs the image; nil for a container engine. Containers only.
    public var requestedRuntime: RuntimeKind?
    /// With `image`, the words that take the place of the image's command; with `executable`, its arguments.
    public var command: [String]
    /// Takes the place of the image's entry point; empty keeps it. Containers only.
    public var entrypoint: [String]
    public var environment: [String: String]
    /// Where the command starts; nil for the image's own, or `/` on the host.
    public var workingDirectory: String?
    /// `name`, `uid` or `uid:gid` to run as; nil for the image's own, or the service's user on the host.
    public var user: String?
    public var mounts: [Mount]
    /// Volumes of the project that it uses.
    public var volumes: [VolumeMount]
    /// Secrets of the project that it is given, by their names.
    public var secrets: [SecretReference]
    public var ports: [PortMapping]
    public var resources: Resources
    /// What its node must be.
    public var constraints: [Constraint]
    /// What its node should rather be.
    public var affinities: [Affinity]
    /// What of its project it belongs to, for `spread` and `apart`.
    public var group: String?
    /// Over which of the nodes' labels its group goes evenly.
    public var spread: SpreadRule?
    /// Whether it keeps off nodes that have another of its group.
    public var apart: Bool
    public var restart: RestartPolicy
    /// When to fetch the image.
    public var pull: PullPolicy
    public var labels: [String: String]
    /// Who goes first when room is short: higher wins. Zero unless set.
    public var priority: Int
    /// What a worker that is cut off does with it.
    public var onDisconnect: DisconnectPolicy
    /// With `stop_after`, how long after its worker was cut off for longer than the lease it is stopped.
    public var stopAfter: Seconds
    /// How long a stop waits between the polite signal and the kill.
    public var stopGrace: Seconds
    /// The longest an attempt may run, or nil.
    public var timeout: Seconds?
    /// How long after it was asked for its first attempt may begin to run, or nil.
    public var startWithin: Seconds?
    /// How long after it was asked for it must be over, restarts included, or nil.
    public var finishWithin: Seconds?
    /// How it is found out whether it does its work; nil where that it runs is enough.
    public var health: HealthCheck?

    enum CodingKeys: String, CodingKey {
        case image, executable
        case requestedRuntime = "runtime"
        case command, entrypoint, environment, workingDirectory, user, mounts, volumes,
            secrets, ports, resources,
            constraints, affinities, group, spread, apart, restart, pull, labels, priority, onDisconnect,
            stopAfter, stopGrace, timeout, startWithin, finishWithin, health
    }

    public init(
        image: String? = nil, executable: String? = nil, requestedRuntime: RuntimeKind? = nil,
        command: [String] = [], entrypoint: [String] = [],
        environment: [String: String] = [:], workingDirectory: String? = nil, user: String? = nil,
        mounts: [Mount] = [], volumes: [VolumeMount] = [], secrets: [SecretReference] = [],
        ports: [PortMapping] = [],
        resources: Resources = Resources(), constraints: [Constraint] = [], affinities: [Affinity] = [],
        group: String? = nil, spread: SpreadRule? = nil, apart: Bool = false,
        restart: RestartPolicy = RestartPolicy(), pull: PullPolicy = .missing, labels: [String: String] = [:],
        priority: Int = 0, onDisconnect: DisconnectPolicy = .keep, stopAfter: Seconds = Seconds(0),
        stopGrace: Seconds = Seconds(10),
        timeout: Seconds? = nil, startWithin: Seconds? = nil, finishWithin: Seconds? = nil,
        health: HealthCheck? = nil
    ) {
        self.image = image
        self.executable = executable
        self.requestedRuntime = requestedRuntime
        self.command = command
        self.entrypoint = entrypoint
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.user = user
        self.mounts = mounts
        self.volumes = volumes
        self.secrets = secrets
        self.ports = ports
        self.resources = resources
        self.constraints = constraints
        self.affinities = affinities
        self.group = group
        self.spread = spread
        self.apart = apart
        self.restart = restart
        self.pull = pull
        self.labels = labels
        self.priority = priority
        self.onDisconnect = onDisconnect
        self.stopAfter = stopAfter
        self.stopGrace = stopGrace
        self.timeout = timeout
        self.startWithin = startWithin
        self.finishWithin = finishWithin
        self.health = health
    }

    /// Which runtime runs it.
    public var runtime: RuntimeKind { image == nil ? .process : requestedRuntime ?? .docker }
}

/// A duration in the API: a number of seconds, with a fraction where needed.
public struct Seconds: Hashable, Comparable, Sendable, Codable {
    public var value: Double

    public init(_ value: Double) { self.value = value }

    public var duration: Duration { .nanoseconds(Int64(value * 1e9)) }

    public static func < (a: Seconds, b: Seconds) -> Bool { a.value < b.value }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        value = try container.decode(Double.self)
        // A hundred years and less: more is no duration in nanoseconds.
        guard abs(value) < 3.2e9 else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "\(value) seconds are more than a hundred years")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}

/// A directory or file of the host that the task sees.
public struct Mount: Hashable, Sendable, Codable {
    /// An absolute path on the host, which must exist.
    public var source: String
    /// The absolute path inside the task.
    public var target: String
    public var readOnly: Bool

    public init(source: String, target: String, readOnly: Bool = false) {
        self.source = source
        self.target = target
        self.readOnly = readOnly
    }
}

/// A port of the task that is reached through the node.
public struct PortMapping: Hashable, Sendable, Codable {
    public enum Transport: String, Hashable, Sendable, Codable, CaseIterable { case tcp, udp }

    /// What others find it by, such as `http`; nil for one that is found by its number alone.
    public var name: String?
    /// The port the task listens on.
    public var container: UInt16
    /// The port of the node; nil for one that is free.
    public var host: UInt16?
    /// The address of the node it listens on; loopback unless set.
    public var address: String
    public var transport: Transport

    public init(
        container: UInt16, host: UInt16? = nil, address: String = "127.0.0.1", transport: Transport = .tcp,
        name: String? = nil
    ) {
        self.name = name
        self.container = container
        self.host = host
        self.address = address
        self.transport = transport
    }
}

/// What a task may use. A nil is no limit of its own.
public struct Resources: Hashable, Sendable {
    /// Thousandths of a core: 500 is half of one.
    public var cpuMillis: Int64?
    public var memory: ByteCount?
    /// Bytes on the task's own file system; enforced where the runtime can.
    public var disk: ByteCount?
    public var gpus: Int?
    /// Processes and threads at once.
    public var processes: Int64?

    public init(
        cpuMillis: Int64? = nil, memory: ByteCount? = nil, disk: ByteCount? = nil, gpus: Int? = nil,
        processes: Int64? = nil
    ) {
        self.cpuMillis = cpuMillis
        self.memory = memory
        self.disk = disk
        self.gpus = gpus
        self.processes = processes
    }
}

/// What happens when an attempt ends by itself.
public struct RestartPolicy: Hashable, Sendable, Codable {
    public enum Mode: String, Hashable, Sendable, Codable, CaseIterable {
        /// One attempt.
        case never
        /// Another attempt after a failure, up to `attempts`.
        case onFailure = "on-failure"
        /// Another attempt whatever the exit code, until a stop.
        case always
        /// The same as `always`, under the name Docker's users know: here a stopped task stays stopped in any case.
        case unlessStopped = "unless-stopped"
    }

    public var mode: Mode
    /// The most restarts, or nil for no bound.
    public var attempts: Int?
    /// The wait before the first restart; each next one is `factor` times longer, up to `maximumWait`.
    public var wait: Seconds
    public var factor: Double
    public var maximumWait: Seconds
    /// A run of at least this long forgets the restarts before it: for the wait, and for `attempts`. Nil: one of `maximumWait`
    /// does for the wait, and none for `attempts`.
    public var window: Seconds?
    /// So many restarts after failures in a row are on the node of the attempt before, as long as that takes it; the next is
    /// elsewhere, where another node takes it. Nil for ``defaultSameNode``.
    public var sameNode: Int?

    public static let defaultSameNode = 2

    public init(
        mode: Mode = .never, attempts: Int? = nil, wait: Seconds = Seconds(0.5), factor: Double = 2,
        maximumWait: Seconds = Seconds(60), window: Seconds? = nil, sameNode: Int? = nil
    ) {
        self.mode = mode
        self.attempts = attempts
        self.wait = wait
        self.factor = factor
        self.maximumWait = maximumWait
        self.window = window
        self.sameNode = sameNode
    }
}

/// When to fetch an image.
public enum PullPolicy: String, Hashable, Sendable, Codable, CaseIterable { case missing, always, never }

/// What a worker that is cut off does with a task.
public enum DisconnectPolicy: String, Hashable, Sendable, Codable, CaseIterable {
    /// It runs on; a replacement may overlap until the cut heals.
    case keep
    /// The worker stops it, and only then is it replaced: never two.
    case stopAfter = "stop_after"
}

/// What runs an attempt.
public enum RuntimeKind: String, Hashable, Sendable, Codable, CaseIterable {
    /// A container engine.
    case docker
    /// Nothing but the machine: an executable of it.
    case process
    /// A container that Apollo makes itself, by a low-level runtime such as runc.
    case oci

    /// Whether it runs images.
    public var runsImages: Bool { self != .process }

    /// What a list of a node's runtimes calls it.
    public var title: String {
        switch self {
        case .docker: "Containers"
        case .oci: "Containers by runc"
        case .process: "Processes"
        }
    }
}
