/// Signs of life in a stream, agreed on by both ends when it begins, so that a silent peer is noticed (docs/design/rpc.md).
///
/// Who calls asks for them with the metadata `apollo-heartbeat`, a number of milliseconds; who is called agrees with the same in its
/// initial metadata. From then on each end that may still send does so at least that often: a message of its own, or one whose only
/// byte is zero. The interval is told to both, so each knows how long the other may be silent.
public struct RPCHeartbeat: Hashable, Sendable {
    /// The metadata that agrees on it.
    package static let metadata = "apollo-heartbeat"
    /// A tag with field number 0, which protocol buffers do not allow.
    package static let message: [UInt8] = [0]
    /// So that one late message does no harm.
    package static let intervalsUntilLost = 3
    private static let bounds = 50...60_000

    /// How often an end sends at least.
    public let interval: Duration

    /// How long an end may say nothing before it is taken for lost: three intervals.
    public var limit: Duration { interval * Self.intervalsUntilLost }

    /// Cut to whole milliseconds, as the peer is told it: both ends have to mean the same.
    ///
    /// - Precondition: 50 ms to a minute.
    public init(every interval: Duration) {
        let (seconds, attoseconds) = interval.components
        let milliseconds = Int(seconds * 1000 + attoseconds / 1_000_000_000_000_000)
        precondition(Self.bounds.contains(milliseconds), "heartbeats are 50 ms to a minute apart")
        self.interval = .milliseconds(milliseconds)
    }

    /// Reads what a peer asks for; nil for what is no number within the bounds.
    package init?(reading text: String) {
        guard text.utf8.count <= 5, let milliseconds = Int(text), Self.bounds.contains(milliseconds) else {
            return nil
        }
        interval = .milliseconds(milliseconds)
    }

    package var milliseconds: Int {
        Int(interval.components.seconds * 1000 + interval.components.attoseconds / 1_000_000_000_000_000)
    }
}
