public import Concurrency
public import Core
public import HTTPModel

/// Writes a stream that may be silent for long: what is produced as it comes, and a sign of life when nothing does, so
/// that both ends notice when the other is gone.
public struct LivePump: Sendable {
    let clock: any MonotonicClock
    /// What a sign of life is: something readers pass over.
    let heartbeat: [UInt8]
    private let interval = Duration.seconds(15)

    public init(clock: any MonotonicClock, heartbeat: [UInt8]) {
        self.clock = clock
        self.heartbeat = heartbeat
    }

    /// Ends when `produce` returns and all it sent is written; what it throws breaks the stream off.
    public func run(
        to writer: any HTTPBodyWriter, _ produce: @escaping @Sendable (Mailbox<[UInt8]>) async throws -> Void
    ) async throws {
        // Few pieces: whoever produces waits while the peer does not read.
        let pieces = Mailbox<[UInt8]>("live stream", capacity: 8)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { pieces.close() }
                try await produce(pieces)
            }
            group.addTask {
                while true {
                    try await clock.sleep(for: interval)
                    // A full mailbox needs no sign of life.
                    _ = pieces.send(heartbeat)
                }
            }
            while let batch = try await pieces.nextBatch() {
                try await writer.write(batch.count == 1 ? batch[0] : Array(batch.joined()))
            }
            // The producer has closed the mailbox: its error, if it threw one, counts.
            try await group.next()
            group.cancelAll()
        }
    }
}
