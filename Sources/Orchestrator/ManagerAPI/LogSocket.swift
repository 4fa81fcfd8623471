import Concurrency
import WebSockets

/// Sends a task's output to a WebSocket: each line of JSON as one text message. Nothing is taken from the other side.
struct LogSocket: Sendable {
    let follower: LogFollower

    /// Whoever only listens has little to say.
    static var configuration: WebSocket.Configuration {
        var configuration = WebSocket.Configuration()
        configuration.limits.messageBytes = 4 << 10
        return configuration
    }

    func run(_ socket: WebSocket) async throws {
        let pieces = Mailbox<[UInt8]>("log socket", capacity: 8)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { pieces.close() }
                try await follower.run(into: pieces)
            }
            group.addTask {
                // Ends what is produced too: nobody is there to read it.
                defer { pieces.close() }
                while try await socket.receive() != nil {
                    try await socket.close(.policyViolation, "messages are not taken here")
                }
            }
            while let batch = try await pieces.nextBatch() {
                for piece in batch { try await send(piece, to: socket) }
            }
            // Whoever closed the mailbox: if it was an error that ended it, that counts.
            try await group.next()
            group.cancelAll()
        }
    }

    private func send(_ piece: [UInt8], to socket: WebSocket) async throws {
        for line in piece.split(separator: UInt8(ascii: "\n")) {
            try await socket.send(.text(String(decoding: line, as: UTF8.self)))
        }
    }
}
