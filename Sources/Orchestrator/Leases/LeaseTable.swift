public import ClusterModel
public import Core

/// Decides which nodes are there: registrations under leases, by a clock that never jumps. Events in, directives out; no clock, no
/// network.
public struct LeaseTable: Sendable {
    /// A worker that makes itself known.
    public struct Registration: Hashable, Sendable {
        public var node: NodeID
        /// What its certificate names it.
        public var name: String
        /// Drawn anew by every start of the worker.
        public var incarnation: UInt64
        public var host: String
        public var port: UInt16

        public init(node: NodeID, name: String, incarnation: UInt64, host: String, port: UInt16) {
            self.node = node
            self.name = name
            self.incarnation = incarnation
            self.host = host
            self.port = port
        }
    }

    /// What is to be done.
    public enum Directive: Hashable, Sendable {
        /// Hold a session with the worker, in place of one with an earlier start of it, until it is lost.
        case connect(Registration)
        /// The lease has lapsed: end the session, and tell everybody.
        case lose(NodeID)
    }

    /// Why a registration is refused.
    public enum Refusal: Error, Hashable, Sendable {
        /// Another machine with this name is there.
        case nameTaken(String, by: NodeID)
        /// Another machine registers under this node's identifier, such as by a copy of its data directory.
        case copied(NodeID, of: String)
        /// As many nodes as the platform takes.
        case full(limit: Int)
    }

    private struct Entry: Hashable, Sendable {
        var registration: Registration
        var expiresAt: MonotonicInstant
        var isHeld: Bool
    }

    public let lease: Duration
    private let limit: Int
    private var entries: [NodeID: Entry] = [:]
    private var names: [String: NodeID] = [:]

    public init(lease: Duration, limit: Int = 20_000) {
        self.lease = lease
        self.limit = limit
    }

    /// The node of that name whose lease holds.
    private func holder(of name: String) -> NodeID? {
        guard let node = names[name], let entry = entries[node], entry.isHeld else { return nil }
        return entry.registration.name == name ? node : nil
    }

    /// A worker registers, or renews its lease.
    public mutating func register(
        _ registration: Registration, at now: MonotonicInstant
    ) throws(Refusal) -> [Directive] {
        let node = registration.node
        // The same machine may come with a new identifier once the old one is lost: its data directory is gone.
        if let holder = holder(of: registration.name), holder != node {
            throw .nameTaken(registration.name, by: holder)
        }
        let before = entries[node]
        if let before, before.isHeld, before.registration.name != registration.name {
            throw .copied(node, of: before.registration.name)
        }
        if before == nil, entries.count >= limit { throw .full(limit: limit) }
        entries[node] = Entry(
            registration: registration, expiresAt: now.advanced(by: lease), isHeld: true)
        names[registration.name] = node
        guard let before, before.isHeld, before.registration == registration else {
            return [.connect(registration)]
        }
        return []
    }

    /// Whose leases have lapsed by now.
    public mutating func expire(at now: MonotonicInstant) -> [Directive] {
        let lapsed = entries.values.filter { $0.isHeld && $0.expiresAt <= now }
            .map(\.registration.node).sorted()
        for node in lapsed { entries[node]?.isHeld = false }
        return lapsed.map { .lose($0) }
    }

    /// Forgets a node.
    public mutating func remove(_ node: NodeID) -> [Directive] {
        guard let entry = entries.removeValue(forKey: node) else { return [] }
        if names[entry.registration.name] == node { names[entry.registration.name] = nil }
        guard entry.isHeld else { return [] }
        return [.lose(node)]
    }

    /// When to call ``expire(at:)`` next; nil while no lease runs.
    public var nextExpiry: MonotonicInstant? {
        entries.values.lazy.filter(\.isHeld).map(\.expiresAt).min()
    }
}
