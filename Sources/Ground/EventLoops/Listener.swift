import CApollo
import Core
import Glibc

/// A connection just accepted, on its way to the loop that will serve it. Closed if nobody takes it.
public struct AcceptedConnection: ~Copyable, Sendable {
    private var descriptor: Int32
    /// The peer's address and port, or `unix`.
    public let peer: String

    init(descriptor: Int32, peer: String) {
        self.descriptor = descriptor
        self.peer = peer
    }

    deinit { if descriptor >= 0 { Glibc.close(descriptor) } }

    /// The descriptor, which is the caller's from now on.
    package mutating func takeDescriptor() -> Int32 {
        defer { descriptor = -1 }
        return descriptor
    }
}

/// A bound and listening socket.
///
/// There is one per address, not one per loop (`SO_REUSEPORT`): so a second Apollo on the same port fails instead of taking
/// half of the connections, and none is lost in the queue of a loop that stops. The acceptor hands connections round.
public actor Listener {
    /// Where it listens, with the port the kernel chose.
    public nonisolated let address: SocketAddress

    /// Who accepts often does so from here: calls from tasks of another loop take a turn each.
    package nonisolated let loop: EventLoop
    private let watch: DescriptorWatch
    private let file: UnixSocketFile?

    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private init(loop: EventLoop, watch: DescriptorWatch, address: SocketAddress, file: UnixSocketFile?) {
        self.loop = loop
        self.watch = watch
        self.address = address
        self.file = file
    }

    /// Listens on `address`. Throws ``ApolloError``: conflict for an address in use, denied for a port below 1024 without
    /// the right, invalid for an address that is not this machine's.
    public static func listening(
        on address: SocketAddress, loop: EventLoop, backlog: Int32 = 4096
    ) async throws -> Listener {
        let (descriptor, bound, file) = try ListeningSocket.open(address, backlog: backlog)
        let result: Result<Listener, SocketError> = await withCheckedContinuation { continuation in
            loop.execute {
                continuation.resume(
                    returning: Result { () throws(SocketError) in
                        let watch = try DescriptorWatch(descriptor: descriptor, loop: loop)
                        return Listener(loop: loop, watch: watch, address: bound, file: file)
                    })
            }
        }
        switch result {
        case .success(let listener): return listener
        case .failure(let error):
            Glibc.close(descriptor)
            file?.remove()
            throw ApolloError(error)
        }
    }

    deinit {
        let watch = self.watch
        let file = self.file
        loop.execute {
            guard !watch.isClosed else { return }
            file?.remove()
            watch.close()
        }
    }

    /// The next connection. Throws ``SocketError/closed`` once the listener is closed, and `system` with EMFILE, ENFILE,
    /// ENOBUFS or ENOMEM when the machine has no room for it: it then stays in the kernel's queue.
    public func accept() async throws(SocketError) -> AcceptedConnection {
        while true {
            if Task.isCancelled { throw .cancelled }
            if watch.isClosed { throw .closed }
            var peer = capollo_address()
            let descriptor = capollo_socket_accept(watch.descriptor, &peer)
            if descriptor >= 0 {
                return AcceptedConnection(descriptor: descriptor, peer: SocketAddress(peer).peerText)
            }
            let code = errno
            switch code {
            case EAGAIN:
                // Here and not in `wait`: calling that may take a turn of the loop (the task may prefer another's), and a
                // connection that came in it would be forgotten.
                watch.mayRead = false
                try await wait()
            // The connection broke before it was accepted: accept(2) says to go on.
            case EINTR, ECONNABORTED, EPROTO, ENETDOWN, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT: continue
            default: throw .system("accept a connection on \(address)", code)
            }
        }
    }

    private func wait() async throws(SocketError) {
        guard !watch.hasReader else { throw .busy }
        let watch = self.watch
        let loop = self.loop
        _ = await withTaskCancellationHandler {
            // By way of self: a closure that does not capture the actor would leave its thread.
            await self.watch.readable(unlessCancelled: true)
        } onCancel: {
            loop.execute { watch.interruptReader() }
        }
    }

    /// Stops listening: new connections are refused, and a unix socket's file is removed.
    public func close() {
        guard !watch.isClosed else { return }
        file?.remove()
        watch.close()
    }
}
