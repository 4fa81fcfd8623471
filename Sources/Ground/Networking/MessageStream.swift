public import Core
import Synchronization

/// Whole messages over a ``ByteStream``. One task may receive while another sends.
public final class MessageStream: Sendable {
    public let stream: any ByteStream
    private let decoder: Mutex<FrameDecoder>
    private let limit: Int

    /// - Parameter limit: the longest message that is sent or taken, in bytes.
    public init(_ stream: any ByteStream, limit: Int = 1 << 20) {
        self.stream = stream
        self.limit = limit
        decoder = Mutex(FrameDecoder(limit: limit))
    }

    /// Sends a message. Throws `invalid` if it is too long, and what ``ByteStream/write(_:before:)`` throws.
    public func send(_ message: [UInt8], before deadline: MonotonicInstant) async throws {
        guard message.count <= limit else {
            throw ApolloError(
                .invalid,
                "a message of \(message.count) bytes to \(stream.peer) is over the limit of \(limit)")
        }
        try await stream.write(FrameDecoder.encode(message), before: deadline)
    }

    /// Waits for the next message; nil at the end of the stream.
    ///
    /// Throws `corrupt` when the stream ends within a message or one is announced as too long, and what
    /// ``ByteStream/read(upTo:before:)`` throws. Nothing is lost by a deadline.
    public func receive(before deadline: MonotonicInstant) async throws -> [UInt8]? {
        while true {
            if let message = try next() { return message }
            let bytes = try await stream.read(upTo: 64 << 10, before: deadline)
            if bytes.isEmpty {
                let pending = decoder.withLock { $0.pending }
                if pending == 0 { return nil }
                throw ApolloError(.corrupt, "the stream from \(stream.peer) ended within a message")
            }
            decoder.withLock { $0.append(bytes) }
        }
    }

    public func close() { stream.close() }

    private func next() throws -> [UInt8]? {
        do {
            return try decoder.withLock { decoder throws(FrameDecoder.Failure) in try decoder.next() }
        } catch .tooLong(let length, let limit) {
            throw ApolloError(
                .corrupt, "\(stream.peer) announced a message of \(length) bytes; the limit is \(limit)")
        }
    }
}
