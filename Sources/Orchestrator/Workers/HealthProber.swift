public import ClusterModel
public import HealthDecisions

/// Where a probe goes.
public struct ProbeTarget: Hashable, Sendable {
    /// An address of this machine's, or of a container on it.
    public var host: String
    public var port: UInt16
    /// The port as the task has it, for people.
    public var named: UInt16

    public init(host: String, port: UInt16, named: UInt16) {
        self.host = host
        self.port = port
        self.named = named
    }

    /// Where the port of a task is reached: as it was mapped, or at the address of its own.
    ///
    /// - Parameters:
    ///   - wanted: nil for the first of `ports`.
    ///   - address: of the attempt's own network; nil where it has the machine's.
    ///   - prefersAddress: whether the address goes before the mapping. An engine's proxy takes connections for a port that
    ///     nobody listens on.
    public init?(_ wanted: UInt16?, of ports: [PortMapping], address: String?, prefersAddress: Bool) {
        let mapping = ports.first { $0.transport == .tcp && (wanted == nil || $0.container == wanted) }
        guard let port = wanted ?? mapping?.container else { return nil }
        if let address, prefersAddress || mapping?.host == nil {
            self.init(host: address, port: port, named: port)
            return
        }
        let everywhere = ["0.0.0.0": "127.0.0.1", "::": "::1", "[::]": "::1"]
        let host = mapping.map { everywhere[$0.address] ?? $0.address } ?? "127.0.0.1"
        self.init(host: host, port: mapping?.host ?? port, named: port)
    }
}

/// Makes probes over the network. Each is bounded by the time it is given, and says in its result what went wrong.
public protocol HealthProber: Sendable {
    func get(
        _ probe: HealthCheck.HTTPProbe, at target: ProbeTarget, within limit: Duration
    ) async -> ProbeResult

    func connect(to target: ProbeTarget, within limit: Duration) async -> ProbeResult
}
