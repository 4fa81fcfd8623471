import Core

extension MachineFacts {
    /// The NATS server that the settings name.
    public enum BusState: Hashable, Sendable {
        case unusable(reason: String, fix: String?)
        /// It answers, in this time.
        case usable(place: String, latency: Duration)
    }
}

extension Diagnosis {
    static func bus(_ state: MachineFacts.BusState) -> [Finding] {
        switch state {
        case .unusable(let reason, let fix):
            return [
                Finding(
                    "bus", .warning, reason,
                    meaning:
                        "Nodes and tasks go on; what machines are busy with is not known while the bus is away.",
                    fix: fix ?? "see docs/operate/bus.md")
            ]
        case .usable(let place, let latency): return [.ok("bus", "\(place) answers in \(latency.short)")]
        }
    }
}
