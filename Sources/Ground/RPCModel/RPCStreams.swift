/// The messages of a peer, in order. One task reads them.
public struct RPCReader<Message: Sendable>: AsyncSequence, Sendable {
    private let receive: @Sendable () async throws -> Message?

    package init(_ receive: @escaping @Sendable () async throws -> Message?) { self.receive = receive }

    /// The next message; nil when the peer has sent all.
    public func next() async throws -> Message? { try await receive() }

    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let receive: @Sendable () async throws -> Message?

        public mutating func next() async throws -> Message? { try await receive() }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(receive: receive) }
}

/// Sends messages to a peer. A write returns when there is room for another, so that a reader who is slow makes the writer slow
/// rather than a queue long. One task writes.
public struct RPCWriter<Message: Sendable>: Sendable {
    private let codec: RPCCodec<Message>
    private let send: @Sendable ([UInt8]) async throws -> Void

    package init(codec: RPCCodec<Message>, _ send: @escaping @Sendable ([UInt8]) async throws -> Void) {
        self.codec = codec
        self.send = send
    }

    public func write(_ message: Message) async throws { try await send(codec.encode(message)) }
}
