import Concurrency
public import Core
public import EventLoops
public import Networking

/// The ``Network`` of the machine: TCP sockets on event loops.
///
/// Deadlines are moments of the machine's monotonic clock, as `Environment.live` has it.
public final class SocketNetwork: Network {
    private let loops: EventLoopGroup
    // A name is looked up with a call that blocks.
    private let names = ThreadExecutor(name: "names")

    public init(loops: EventLoopGroup) { self.loops = loops }

    deinit { names.stop() }

    public func listen(on address: NetworkAddress) async throws -> any NetworkListener {
        let loop = loops.next()
        let socketAddress = SocketAddress.tcp(host: address.host, port: address.port)
        let listener = try await lookingUp(address) {
            try await Listener.listening(on: socketAddress, loop: loop)
        }
        return SocketListener(listener, loop: loop, loops: loops, requested: address)
    }

    public func connect(
        to address: NetworkAddress, before deadline: MonotonicInstant
    ) async throws -> any ByteStream {
        try Task.checkCancellation()
        let loop = loops.next()
        let limit = loop.instant.duration(to: deadline)
        guard limit > .zero else { throw ApolloError(.deadline, "no time was left to connect to \(address)") }
        let socketAddress = SocketAddress.tcp(host: address.host, port: address.port)
        do {
            let socket = try await lookingUp(address) {
                try await StreamSocket.connecting(to: socketAddress, on: loop, within: limit)
            }
            return SocketStream(socket, loop: loop, peer: address)
        } catch let error as SocketError {
            throw error.translated("connect to \(address)")
        }
    }

    /// Runs `operation` where a look-up of the address's host may block: a number needs none.
    private func lookingUp<Value: Sendable>(
        _ address: NetworkAddress, _ operation: @Sendable () async throws -> Value
    ) async throws -> Value {
        let isNumber =
            address.host.contains(":")
            || address.host.utf8.allSatisfy { $0 == 0x2E || (0x30...0x39).contains($0) }
        if isNumber { return try await operation() }
        return try await withTaskExecutorPreference(names) { try await operation() }
    }
}

extension SocketError {
    /// The same failure in the words of the ``Network`` seam.
    func translated(_ activity: String) -> any Error {
        switch self {
        case .cancelled: CancellationError()
        case .closed: ApolloError(.unavailable, "cannot \(activity): the connection is closed or was reset")
        case .timedOut: ApolloError(.deadline, "cannot \(activity) in time")
        case .busy, .system: ApolloError(self)
        }
    }
}
