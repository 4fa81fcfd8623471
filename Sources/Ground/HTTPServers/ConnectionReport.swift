public import Core
import EventLoops
public import HTTPModel

/// What a connection is doing.
public struct ConnectionReport: Hashable, Sendable {
    public enum State: String, Hashable, Sendable, Codable, CaseIterable {
        /// Between two requests.
        case idle
        /// A request's head is coming, or a TLS handshake is under way.
        case reading
        /// A handler works, or reads the body.
        case handling
        /// The response is a stream that goes on.
        case streaming
    }

    /// The request under way: its path without the query, which may hold what is nobody's business.
    public struct Request: Hashable, Sendable {
        public var method: HTTPMethod
        public var path: String
        public var age: Duration
    }

    public var peer: String
    public var loop: String
    public var state: State
    public var age: Duration
    /// How many requests it has brought.
    public var requests: Int
    public var received: Int
    public var sent: Int
    public var request: Request?
}

extension HTTPServer {
    /// What the connections are doing: those of the oldest requests first, then the oldest connections, `limit` at most. Those
    /// of a loop that does not answer within `patience` are left out.
    public func connections(
        limit: Int, within patience: Duration, clock: any MonotonicClock
    ) async -> [ConnectionReport] {
        let all = Dictionary(grouping: registry.all) { ObjectIdentifier($0.loop) }
        let found = await withTaskGroup(of: [ConnectionReport].self) { group in
            for connections in all.values {
                let loop = connections[0].loop
                group.addTask {
                    await loop.ask(within: patience, clock: clock) {
                        Self.oldest(limit, connections.map { $0.assumeIsolated { $0.report } })
                    } ?? []
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        return Self.oldest(limit, found)
    }

    private static func oldest(_ limit: Int, _ reports: [ConnectionReport]) -> [ConnectionReport] {
        let sorted = reports.sorted {
            ($0.request?.age ?? .zero, $0.age) > ($1.request?.age ?? .zero, $1.age)
        }
        return Array(sorted.prefix(limit))
    }
}

extension Connection {
    fileprivate var report: ConnectionReport {
        let now = loop.now
        let state: ConnectionReport.State =
            stream.framing != nil
            ? .streaming : isHandling ? .handling : isIdle && request > 0 ? .idle : .reading
        let request = current.map { current in
            ConnectionReport.Request(
                method: current.method, path: String(current.target.prefix { $0 != "?" }.prefix(256)),
                age: .nanoseconds(max(0, now - current.since)))
        }
        return ConnectionReport(
            peer: peer, loop: loop.name, state: state, age: .nanoseconds(max(0, now - start)),
            requests: self.request, received: transport.received, sent: transport.sent, request: request)
    }
}
