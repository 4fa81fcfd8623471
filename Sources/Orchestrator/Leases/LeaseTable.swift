public import ClusterModel
public import Core

/// Decides which nodes are there: registrations under leases, by a clock that never jumps. Events in, directives out; no clock, no
/// network.
///
/// A lease is granted while the manager reaches the worker, and a little longer: a worker that hears of no grant knows that its
/// tasks may be placed elsewhere, whichever direction is cut.
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
        /// Hold a session with the worker, in place of one with an earlier start of it.
        case connect(Registration)
        /// Try for a session no longer: the worker does not register any more.
        case release(NodeID)
        /// The lease has lapsed. What the node runs may have to be placed elsewhere, after delays: see
        /// ``schedule(_:after:at:)``.
        case lose(NodeID)
        /// Place elsewhere what may wait so long, and no longer.
        case replace(NodeID, lostFor: Duration)
    }

    /// What a worker is told.
    public struct Answer: Hashable, Sendable {
        public var directives: [Directive]
        /// Whether the lease begins anew.
        public var isGranted: Bool

        public init(_ directives: [Directive], isGranted: Bool) {
            self.directives = directives
            self.isGranted = isGranted
        }
    }

    /// Why a registration is refused.
    public enum Refusal: Error, Hashable, Sendable {
        /// Another machine with this name is there.
        case nameTaken(String, by: NodeID)
        /// Another machine registers under this node's identifier, such as by a copy of its data directory.
        case copied(NodeID, of: String)
        /// A worker that is there and answers has this identity. It may be this machine's before its restart, which is about to
        /// be missed, or another's: that is known once it has registered again.
        case held(by: Registration)
        /// Two workers are there with one identity, such as by a copy of a data directory that has joined. The one that answered
        /// first keeps it.
        case doubled(by: Registration)
        /// As many nodes as the platform takes.
        case full(limit: Int)
    }

    private struct Contact: Hashable, Sendable {
        var registration: Registration
        var until: MonotonicInstant
        var rival: Rival?
    }

    /// A start that wants the place of one that answers.
    private struct Rival: Hashable, Sendable {
        var incarnation: UInt64
        /// Whether the one that has the place has registered since: then both are there.
        var isOutlived = false
    }

    private struct Grant: Hashable, Sendable {
        var until: MonotonicInstant
        /// Since when there is no session; nil while there is one.
        var brokenSince: MonotonicInstant?
    }

    private struct Due: Hashable, Sendable {
        var at: MonotonicInstant
        var delay: Duration
    }

    public let lease: Duration
    private let limit: Int
    /// Workers that register.
    private var contacts: [NodeID: Contact] = [:]
    private var names: [String: NodeID] = [:]
    /// Leases that run.
    private var grants: [NodeID: Grant] = [:]
    /// What lost nodes ran, and when it is to be placed elsewhere.
    private var pending: [NodeID: [Due]] = [:]

    public init(lease: Duration, limit: Int = 20_000) {
        self.lease = lease
        self.limit = limit
    }

    // MARK: Events

    /// A worker registers, or renews its lease.
    public mutating func register(
        _ registration: Registration, at now: MonotonicInstant
    ) throws(Refusal) -> Answer {
        let node = registration.node
        // Nearly always it is the one that is there.
        if let place = contacts.index(forKey: node), contacts.values[place].registration == registration {
            contacts.values[place].until = now.advanced(by: lease)
            contacts.values[place].rival?.isOutlived = true
            return Answer([], isGranted: renew(node, at: now))
        }
        // The same machine may come with a new identifier once the old one is gone: its data directory was lost.
        if let holder = names[registration.name], holder != node {
            throw .nameTaken(registration.name, by: holder)
        }
        let contact = contacts[node]
        let before = contact?.registration
        if let before, before.name != registration.name { throw .copied(node, of: before.name) }
        if before == nil, contacts.count >= limit { throw .full(limit: limit) }
        var rival = contact?.rival
        if let before, before.incarnation != registration.incarnation {
            if answers(node, at: now) { throw refusal(of: registration, beside: before) }
            rival = nil
        }
        rival?.isOutlived = true
        contacts[node] = Contact(registration: registration, until: now.advanced(by: lease), rival: rival)
        names[registration.name] = node
        return Answer([.connect(registration)], isGranted: renew(node, at: now))
    }

    /// Whether there is a session with the node, and a sign of life in it.
    private func answers(_ node: NodeID, at now: MonotonicInstant) -> Bool {
        grants[node].map { $0.until > now && $0.brokenSince == nil } ?? false
    }

    private mutating func refusal(
        of registration: Registration, beside holder: Registration
    ) -> Refusal {
        let known = contacts[holder.node]?.rival
        if known?.incarnation == registration.incarnation, known?.isOutlived == true {
            return .doubled(by: holder)
        }
        contacts[holder.node]?.rival = Rival(incarnation: registration.incarnation)
        return .held(by: holder)
    }

    private mutating func renew(_ node: NodeID, at now: MonotonicInstant) -> Bool {
        guard let grant = grants[node], grant.until > now else { return false }
        if let since = grant.brokenSince, since.duration(to: now) >= lease { return false }
        grants[node]?.until = now.advanced(by: lease)
        return true
    }

    /// A session with the node has begun, and what it runs is known.
    public mutating func connected(_ node: NodeID, at now: MonotonicInstant) {
        grants[node] = Grant(until: now.advanced(by: lease), brokenSince: nil)
        pending[node] = nil
    }

    /// The session with the node has ended.
    public mutating func disconnected(_ node: NodeID, at now: MonotonicInstant) {
        if grants[node]?.brokenSince == nil { grants[node]?.brokenSince = now }
    }

    /// Tasks are known to have been on the node before this manager started: it is given a lease's time to come.
    public mutating func await(_ node: NodeID, at now: MonotonicInstant) {
        guard grants[node] == nil else { return }
        grants[node] = Grant(until: now.advanced(by: lease), brokenSince: now)
    }

    /// What a lost node ran is to be placed elsewhere after these delays, unless it is back before.
    public mutating func schedule(_ node: NodeID, after delays: [Duration], at now: MonotonicInstant) {
        pending[node] = delays.map { Due(at: now.advanced(by: $0), delay: $0) }.sorted { $0.at < $1.at }
    }

    /// What is due by now.
    public mutating func expire(at now: MonotonicInstant) -> [Directive] {
        guard let next = nextExpiry, next <= now else { return [] }
        var directives: [Directive] = []
        for node in grants.filter({ $0.value.until <= now }).keys.sorted() {
            grants[node] = nil
            directives.append(.lose(node))
        }
        for (node, contact) in contacts.filter({ $0.value.until <= now }).sorted(by: { $0.key < $1.key }) {
            contacts[node] = nil
            names[contact.registration.name] = nil
            directives.append(.release(node))
        }
        for (node, dues) in pending.sorted(by: { $0.key < $1.key }) {
            directives += dues.filter { $0.at <= now }.map { .replace(node, lostFor: $0.delay) }
            let rest = dues.filter { $0.at > now }
            pending[node] = rest.isEmpty ? nil : rest
        }
        return directives
    }

    /// Forgets a node, its lease and its registration. One that still works registers again.
    public mutating func remove(_ node: NodeID) -> [Directive] {
        grants[node] = nil
        pending[node] = nil
        guard let contact = contacts.removeValue(forKey: node) else { return [] }
        names[contact.registration.name] = nil
        return [.release(node)]
    }

    /// Whether a lease of the node runs: what was decided of its loss before is void.
    public func holds(_ node: NodeID) -> Bool { grants[node] != nil }

    /// When to call ``expire(at:)`` next; nil while nothing runs.
    public var nextExpiry: MonotonicInstant? {
        var next: MonotonicInstant?
        func look(_ time: MonotonicInstant) { if next.map({ time < $0 }) ?? true { next = time } }
        for grant in grants.values { look(grant.until) }
        for contact in contacts.values { look(contact.until) }
        for dues in pending.values { for due in dues { look(due.at) } }
        return next
    }
}
