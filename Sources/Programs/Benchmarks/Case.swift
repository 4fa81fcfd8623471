/// One benchmark: what is measured, in which unit, against whom.
public struct Case: Sendable {
    /// Makes everything ready that the samples need; what it leaves running belongs to the workshop.
    public typealias Preparation = @Sendable (Workshop) async throws -> Contest

    public let name: String
    public let unit: String
    public let better: Better
    /// What a reader of the figure should know.
    public let note: String
    public let peers: [Peer]
    let prepare: Preparation

    public init(
        _ name: String, unit: String, better: Better, note: String = "", peers: [Peer] = [],
        prepare: @escaping Preparation
    ) {
        self.name = name
        self.unit = unit
        self.better = better
        self.note = note
        self.peers = peers
        self.prepare = prepare
    }

    func keeping(peer name: String) -> Case {
        Case(
            self.name, unit: unit, better: better, note: note, peers: peers.filter { $0.name == name },
            prepare: prepare)
    }
}

/// Whom a case compares us with.
public struct Peer: Sendable {
    public let name: String
    /// How to get it, such as `apt-get install nginx-light`.
    public let installation: String
    /// Its version, or nil where it is not installed.
    public let version: @Sendable (Workshop) async throws -> String?

    public init(
        _ name: String, installation: String, version: @escaping @Sendable (Workshop) async throws -> String?
    ) {
        self.name = name
        self.installation = installation
        self.version = version
    }
}

/// A case made ready: each side takes one sample a call, in the case's unit.
public struct Contest: Sendable {
    public typealias Sampler = @Sendable () async throws -> Double

    public var ours: Sampler
    /// By the names of the peers that ``Workshop/measures(_:)``.
    public var peers: [String: Sampler] = [:]
    /// More for the note: what only the preparation knows.
    public var remark = ""

    public init(ours: @escaping Sampler) { self.ours = ours }
}
