public import Documents

/// What every part of a platform is doing now. Times are in seconds.
public struct PlatformActivity: Hashable, Sendable, Codable {
    /// An event loop.
    public struct Loop: Hashable, Sendable, Codable {
        public var name: String
        public var turns: Int64
        /// How long its current turn has lasted; nil while it waits.
        public var busyFor: Double?
        /// The longest turn of the last one to two minutes.
        public var longestTurn: Double
        /// How long it took to answer; nil where it did not answer: it is stuck.
        public var lag: Double?
        public var tasks: Int
        /// What other threads have sent and it has not taken yet.
        public var queued: Int
        /// Descriptors and timers that it watches; nil where it did not answer.
        public var sources: Int?
        public var timers: Int?

        public init(
            name: String, turns: Int64, busyFor: Double?, longestTurn: Double, lag: Double?, tasks: Int,
            queued: Int,
            sources: Int?, timers: Int?
        ) {
            self.name = name
            self.turns = turns
            self.busyFor = busyFor
            self.longestTurn = longestTurn
            self.lag = lag
            self.tasks = tasks
            self.queued = queued
            self.sources = sources
            self.timers = timers
        }
    }

    /// A thread of the process.
    public struct Thread: Hashable, Sendable, Codable {
        public var id: Int
        public var name: String
        /// As proc(5) has it: `R` runs, `S` waits, `D` waits for a disk.
        public var state: String
        /// User and system time so far.
        public var cpuSeconds: Double

        public init(id: Int, name: String, state: String, cpuSeconds: Double) {
            self.id = id
            self.name = name
            self.state = state
            self.cpuSeconds = cpuSeconds
        }
    }

    /// The threads of one name that run blocking calls, and what waits for them.
    public struct Blocking: Hashable, Sendable, Codable {
        /// Something that runs now.
        public struct Call: Hashable, Sendable, Codable {
            /// In a few words; nil where nobody said.
            public var what: String?
            /// How long it has run.
            public var seconds: Double

            public init(what: String?, seconds: Double) {
                self.what = what
                self.seconds = seconds
            }
        }

        public var name: String
        public var threads: Int
        public var waiting: Int
        /// How long the first in line has waited; nil where nobody does.
        public var oldestWait: Double?
        /// What runs, the longest first.
        public var running: [Call]

        public init(name: String, threads: Int, waiting: Int, oldestWait: Double?, running: [Call]) {
            self.name = name
            self.threads = threads
            self.waiting = waiting
            self.oldestWait = oldestWait
            self.running = running
        }
    }

    /// Something that waits for its turn.
    public struct Queue: Hashable, Sendable, Codable {
        public var name: String
        public var count: Int
        /// The most it takes; nil where something else bounds it.
        public var limit: Int?

        public init(name: String, count: Int, limit: Int? = nil) {
            self.name = name
            self.count = count
            self.limit = limit
        }
    }

    /// A connection of the API.
    public struct Connection: Hashable, Sendable, Codable {
        public var peer: String
        public var loop: String
        /// `idle`, `reading`, `handling` or `streaming`.
        public var state: String
        public var age: Double
        public var requests: Int
        public var received: Int
        public var sent: Int
        /// The request under way, without its query.
        public var method: String?
        public var path: String?
        public var requestAge: Double?

        public init(
            peer: String, loop: String, state: String, age: Double, requests: Int, received: Int, sent: Int,
            method: String?, path: String?, requestAge: Double?
        ) {
            self.peer = peer
            self.loop = loop
            self.state = state
            self.age = age
            self.requests = requests
            self.received = received
            self.sent = sent
            self.method = method
            self.path = path
            self.requestAge = requestAge
        }
    }

    /// A call by gRPC that is being answered.
    public struct Call: Hashable, Sendable, Codable {
        /// `apollo.v1.Tasks/Watch`.
        public var method: String
        public var peer: String
        /// Who calls; nil where everybody may.
        public var principal: String?
        public var age: Double

        public init(method: String, peer: String, principal: String?, age: Double) {
            self.method = method
            self.peer = peer
            self.principal = principal
            self.age = age
        }
    }

    /// How long the process has run, and what it holds.
    public var uptime: Double
    public var residentBytes: Int64
    public var openDescriptors: Int
    public var loops: [Loop]
    public var threads: [Thread]
    public var queues: [Queue]
    /// Nil from platforms that are older than this.
    public var blocking: [Blocking]?
    /// Attempts that are being started.
    public var starting: [String]
    /// The oldest requests first, then the oldest connections; `openConnections` says how many there are in all.
    public var connections: [Connection]
    public var openConnections: Int
    /// The oldest first; nil from a platform of before there were calls.
    public var calls: [Call]?

    public init(
        uptime: Double, residentBytes: Int64, openDescriptors: Int, loops: [Loop], threads: [Thread],
        queues: [Queue], blocking: [Blocking], starting: [String], connections: [Connection],
        openConnections: Int, calls: [Call]? = nil
    ) {
        self.uptime = uptime
        self.residentBytes = residentBytes
        self.openDescriptors = openDescriptors
        self.loops = loops
        self.threads = threads
        self.queues = queues
        self.blocking = blocking
        self.starting = starting
        self.connections = connections
        self.openConnections = openConnections
        self.calls = calls
    }
}

extension PlatformActivity: SchemaProviding {
    private static let seconds = Schema(.number(minimum: 0, maximum: nil))
    private static let count = Schema(.integer(nil))

    private static let loop: Schema = .object([
        .required("name", .string), .required("turns", count), .optional("busyFor", seconds),
        .required("longestTurn", seconds), .optional("lag", seconds), .required("tasks", count),
        .required("queued", count), .optional("sources", count), .optional("timers", count),
    ])

    private static let thread: Schema = .object([
        .required("id", count), .required("name", .string), .required("state", .string),
        .required("cpuSeconds", seconds),
    ])

    private static let queue: Schema = .object([
        .required("name", .string), .required("count", count), .optional("limit", count),
    ])

    private static let blocking: Schema = .object([
        .required("name", .string), .required("threads", count), .required("waiting", count),
        .optional("oldestWait", seconds),
        .required(
            "running", .array(.object([.optional("what", .string), .required("seconds", seconds)]))),
    ])

    private static let connection: Schema = .object([
        .required("peer", .string), .required("loop", .string), .required("state", .string),
        .required("age", seconds), .required("requests", count), .required("received", count),
        .required("sent", count), .optional("method", .string), .optional("path", .string),
        .optional("requestAge", seconds),
    ])

    private static let call: Schema = .object([
        .required("method", .string), .required("peer", .string), .optional("principal", .string),
        .required("age", seconds),
    ])

    public static var schema: Schema {
        .object(
            "What every part of the platform is doing now. Times are in seconds.",
            [
                .required("uptime", seconds), .required("residentBytes", count),
                .required("openDescriptors", count), .required("loops", .array(loop)),
                .required("threads", .array(thread)), .required("queues", .array(queue)),
                .optional("blocking", .array(blocking)),
                .required("starting", .array(.string)), .required("connections", .array(connection)),
                .required("openConnections", count), .optional("calls", .array(call)),
            ])
    }
}
