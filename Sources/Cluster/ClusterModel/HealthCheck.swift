public import Core

/// How a worker finds out whether a running attempt does its work: one kind of probe, and when it is made.
public struct HealthCheck: Hashable, Sendable, Codable {
    /// Exactly one of the three is there.
    public var http: HTTPProbe?
    public var tcp: TCPProbe?
    public var exec: ExecProbe?
    /// From the start of an attempt until its first success: so long failures do not count, and it is asked at least every second.
    public var startPeriod: Seconds
    /// From the end of one probe to the next.
    public var interval: Seconds
    /// The longest a probe may take.
    public var timeout: Seconds
    /// So many failures in a row make an attempt unhealthy.
    public var retries: Int

    public init(
        http: HTTPProbe? = nil, tcp: TCPProbe? = nil, exec: ExecProbe? = nil,
        startPeriod: Seconds = Seconds(10), interval: Seconds = Seconds(10), timeout: Seconds = Seconds(5),
        retries: Int = 3
    ) {
        self.http = http
        self.tcp = tcp
        self.exec = exec
        self.startPeriod = startPeriod
        self.interval = interval
        self.timeout = timeout
        self.retries = retries
    }

    /// A `GET` whose answer's status counts, and nothing else of it.
    public struct HTTPProbe: Hashable, Sendable, Codable {
        public var path: String
        /// The port that the task listens on; nil for the first of its `ports`.
        public var port: UInt16?
        /// The statuses that are good; empty for 200 to 299.
        public var status: [Int]
        public var headers: [String: String]

        public init(
            path: String = "/", port: UInt16? = nil, status: [Int] = [], headers: [String: String] = [:]
        ) {
            self.path = path
            self.port = port
            self.status = status
            self.headers = headers
        }

        public func expects(_ answer: Int) -> Bool {
            status.isEmpty ? (200...299).contains(answer) : status.contains(answer)
        }
    }

    /// A connection that is taken, and closed at once.
    public struct TCPProbe: Hashable, Sendable, Codable {
        /// The port that the task listens on; nil for the first of its `ports`.
        public var port: UInt16?

        public init(port: UInt16? = nil) { self.port = port }
    }

    /// A command inside the task that ends with exit code 0.
    public struct ExecProbe: Hashable, Sendable, Codable {
        public var command: [String]

        public init(command: [String]) { self.command = command }
    }
}

/// How an attempt that is probed does.
public struct Health: Hashable, Sendable, Codable {
    public enum State: String, Hashable, Sendable, Codable, CaseIterable {
        /// No probe has succeeded yet.
        case starting
        case healthy
        case unhealthy
    }

    public var state: State
    /// What was found last, such as `GET :8080/health answered 503`.
    public var reason: String
    /// Since when it is in this state.
    public var since: Timestamp

    public init(state: State, reason: String, since: Timestamp) {
        self.state = state
        self.reason = reason
        self.since = since
    }
}
