import Concurrency
import Core
import Networking
import RPCModel

/// What travels on the connection of one simulated call.
enum CallFrame {
    /// Who calls, what, and how often each end gives a sign of life.
    case head(caller: String, path: String, beat: Int)
    case message([UInt8])
    /// The client has sent all.
    case end
    case status(Int, String)
    case beat

    var bytes: [UInt8] {
        switch self {
        case .head(let caller, let path, let beat): [0] + Array("\(caller)\n\(path)\n\(beat)".utf8)
        case .message(let bytes): [1] + bytes
        case .end: [2]
        case .status(let code, let message): [3, UInt8(code)] + Array(message.utf8)
        case .beat: [4]
        }
    }

    init(_ bytes: [UInt8]) {
        switch bytes[0] {
        case 0:
            let words = String(decoding: bytes[1...], as: UTF8.self).split(separator: "\n")
            self = .head(caller: String(words[0]), path: String(words[1]), beat: Int(words[2])!)
        case 1: self = .message(Array(bytes[1...]))
        case 2: self = .end
        case 3: self = .status(Int(bytes[1]), String(decoding: bytes[2...], as: UTF8.self))
        default: self = .beat
        }
    }
}

/// One end of a simulated call: a connection of its own, with signs of life where they were asked for.
final class CallLine: Sendable {
    private let stream: MessageStream
    private let clock: any MonotonicClock
    private let beat: RPCHeartbeat?
    private let outgoing = Mailbox<[UInt8]>("frames of a call", capacity: 1 << 16)
    private static let patience = Duration.seconds(3600)

    init(_ stream: MessageStream, _ clock: any MonotonicClock, beat: RPCHeartbeat?) {
        self.stream = stream
        self.clock = clock
        self.beat = beat
    }

    func send(_ frame: CallFrame) throws {
        if !outgoing.send(frame.bytes) { throw RPCError(.unavailable, "the call is over") }
    }

    /// Nothing more is sent.
    func finish() { outgoing.close() }

    /// Writes what is sent until that is all.
    func write() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            if let beat {
                group.addTask {
                    while true {
                        try await self.clock.sleep(for: beat.interval)
                        try self.send(.beat)
                    }
                }
            }
            group.addTask {
                while let batch = try await self.outgoing.nextBatch() {
                    for bytes in batch { try await self.stream.send(bytes, before: self.soon(nil)) }
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func soon(_ wait: Duration?) -> MonotonicInstant { clock.now.advanced(by: wait ?? Self.patience) }

    /// The next frame that is no sign of life; nil where the other end is gone.
    func receive() async throws -> CallFrame? {
        while true {
            guard let bytes = try await stream.receive(before: soon(beat?.limit)) else { return nil }
            let frame = CallFrame(bytes)
            if case .beat = frame { continue }
            return frame
        }
    }

    func close() { stream.close() }
}
