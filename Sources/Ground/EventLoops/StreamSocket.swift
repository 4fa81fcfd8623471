import CApollo
import Core
import Glibc

/// A connected stream socket that any task may use: TCP or unix. One reads and one writes at a time.
public actor StreamSocket {
    private nonisolated let loop: EventLoop
    private let socket: LoopSocket
    private let watch: DescriptorWatch
    private var isWriting = false

    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// Takes an accepted connection over.
    public static func serving(
        _ connection: consuming AcceptedConnection, on loop: EventLoop
    ) async throws(SocketError) -> StreamSocket {
        var connection = connection
        return try await adopting(connection.takeDescriptor(), on: loop)
    }

    /// Takes over `descriptor`, a connected socket that does not block.
    public static func adopting(
        _ descriptor: Int32, on loop: EventLoop
    ) async throws(SocketError) -> StreamSocket {
        let result: Result<StreamSocket, SocketError> = await withCheckedContinuation { continuation in
            loop.execute {
                continuation.resume(
                    returning: Result { () throws(SocketError) in
                        StreamSocket(try LoopSocket(descriptor: descriptor, loop: loop))
                    })
            }
        }
        return try result.get()
    }

    /// Connects to `address` within `limit`. Looking up a name blocks the caller's thread: pass a number where that matters.
    public static func connecting(
        to address: SocketAddress, on loop: EventLoop, within limit: Duration = .seconds(10)
    ) async throws -> StreamSocket {
        var kernelAddress = try address.resolved(forListening: false)
        let descriptor = capollo_socket_create(&kernelAddress)
        guard descriptor >= 0 else { throw SystemCall.error("connect to \(address)", errno) }
        if capollo_socket_connect(descriptor, &kernelAddress) != 0, errno != EINPROGRESS {
            let code = errno
            Glibc.close(descriptor)
            throw SystemCall.error(
                "connect to \(address)", code,
                hint: "check that a server listens there and that it may be reached")
        }
        let socket = try await adopting(descriptor, on: loop)
        do {
            try await socket.finishConnecting(to: address, within: limit)
        } catch {
            await socket.close()
            throw error
        }
        return socket
    }

    private init(_ socket: sending LoopSocket) {
        loop = socket.loop
        watch = socket.watch
        self.socket = socket
    }

    deinit {
        let watch = self.watch
        loop.execute { watch.close() }
    }

    private func finishConnecting(to address: SocketAddress, within limit: Duration) async throws {
        var entry = pollfd(fd: watch.descriptor, events: Int16(POLLOUT), revents: 0)
        if poll(&entry, 1, 0) <= 0 {
            watch.mayWrite = false
            do throws(SocketError) {
                try await waitWritable(until: deadline(limit))
            } catch .timedOut {
                throw ApolloError(
                    .deadline, "\(address) did not answer within \(limit.short)",
                    hint: "check that the machine is up and that no firewall drops the connection")
            }
        }
        let code = capollo_socket_error(watch.descriptor)
        guard code == 0 else {
            throw SystemCall.error(
                "connect to \(address)", code,
                hint: "check that a server listens there and that it may be reached")
        }
    }

    /// The next bytes, at most `limit`; nil at the end. Throws `timedOut` when none come within `duration`.
    public func read(
        upTo limit: Int = 65536, within duration: Duration? = nil
    ) async throws(SocketError) -> [UInt8]? {
        guard !watch.hasReader else { throw .busy }
        let deadline = duration.map { self.deadline($0) } ?? .max
        while true {
            if Task.isCancelled { throw .cancelled }
            var failure: SocketError?
            var count: Int?
            let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, initialized in
                do throws(SocketError) {
                    count = try socket.receive(into: UnsafeMutableRawBufferPointer(buffer))
                } catch {
                    failure = error
                }
                initialized = count ?? 0
            }
            if let failure { throw failure }
            if let count { return count == 0 ? nil : bytes }
            try await waitReadable(until: deadline)
        }
    }

    /// Writes all of `bytes`. Throws `timedOut` when the peer takes none for `duration`.
    public func write(_ bytes: [UInt8], within duration: Duration? = nil) async throws(SocketError) {
        guard !isWriting else { throw .busy }
        isWriting = true
        defer { isWriting = false }
        var sent = 0
        while sent < bytes.count {
            if Task.isCancelled { throw .cancelled }
            var failure: SocketError?
            let count = bytes.withUnsafeBytes { all -> Int? in
                do throws(SocketError) {
                    return try socket.send(UnsafeRawBufferPointer(rebasing: all[sent...]))
                } catch {
                    failure = error
                    return nil
                }
            }
            if let failure { throw failure }
            if let count {
                sent += count
            } else {
                try await waitWritable(until: duration.map { deadline($0) } ?? .max)
            }
        }
    }

    /// Tells the peer that nothing more comes; reading goes on.
    public func finishWriting() { socket.finishWriting() }

    /// Closes the socket and ends who reads or writes. Idempotent.
    public func close() { socket.close() }

    /// Closes the socket with a reset.
    public func reset() { socket.reset() }

    /// Ends who reads or writes soon, now and later; for those who cannot wait.
    public nonisolated func abort() {
        loop.execute { self.assumeIsolated { $0.watch.abort() } }
    }

    private func deadline(_ duration: Duration) -> Int64 { monotonicNanoseconds() + duration.inNanoseconds }

    private func waitReadable(until deadline: Int64) async throws(SocketError) {
        let watch = self.watch
        let loop = self.loop
        let outcome = await withTaskCancellationHandler {
            // By way of self: a closure that does not capture the actor would leave its thread.
            await self.watch.readable(until: deadline, unlessCancelled: true)
        } onCancel: {
            loop.execute { watch.interruptReader() }
        }
        try check(outcome)
    }

    private func waitWritable(until deadline: Int64) async throws(SocketError) {
        let watch = self.watch
        let loop = self.loop
        let outcome = await withTaskCancellationHandler {
            // By way of self: a closure that does not capture the actor would leave its thread.
            await self.watch.writable(until: deadline, unlessCancelled: true)
        } onCancel: {
            loop.execute { watch.interruptWriter() }
        }
        try check(outcome)
    }

    private func check(_ outcome: WaitOutcome) throws(SocketError) {
        switch outcome {
        case .ready: return
        case .timedOut: throw .timedOut
        case .aborted: throw Task.isCancelled ? .cancelled : .closed
        }
    }
}
