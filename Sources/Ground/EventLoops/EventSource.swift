import Glibc

/// Waits for any descriptor that epoll can watch: a pipe, a pidfd, an inotify or event descriptor, a socket.
///
/// Readiness is told as poll(2) tells it: at once when the descriptor is ready already, however much was read before.
public actor EventSource {
    private nonisolated let loop: EventLoop
    private let watch: DescriptorWatch
    private let closesDescriptor: Bool

    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// Watches `descriptor` on `loop`. Unless `closing` is false, ``close()`` closes it. Throws where it cannot be watched,
    /// as with a plain file; the descriptor is then still the caller's.
    public static func watching(
        _ descriptor: Int32, on loop: EventLoop, closing: Bool = true
    ) async throws(SocketError) -> EventSource {
        let watch = try await makeWatch(descriptor, loop)
        return EventSource(loop: loop, watch: watch, closing: closing)
    }

    private static func makeWatch(
        _ descriptor: Int32, _ loop: EventLoop
    ) async throws(SocketError) -> DescriptorWatch {
        let result: Result<DescriptorWatch, SocketError> = await withCheckedContinuation { continuation in
            loop.execute {
                continuation.resume(
                    returning: Result { () throws(SocketError) in
                        try DescriptorWatch(descriptor: descriptor, loop: loop)
                    })
            }
        }
        return try result.get()
    }

    private init(loop: EventLoop, watch: DescriptorWatch, closing: Bool) {
        self.loop = loop
        self.watch = watch
        closesDescriptor = closing
    }

    deinit {
        let watch = self.watch
        let closes = closesDescriptor
        loop.execute { if closes { watch.close() } else { watch.release() } }
    }

    /// Returns once reading would not block: there are bytes, or the end. One waits at a time.
    public func readable() async throws(SocketError) { try await wait(for: Int16(POLLIN)) }

    /// Returns once writing would not block. One waits at a time.
    public func writable() async throws(SocketError) { try await wait(for: Int16(POLLOUT)) }

    /// Stops watching, ends those who wait, and closes the descriptor if it was taken over.
    public func close() {
        if closesDescriptor { watch.close() } else { watch.release() }
    }

    private func wait(for events: Int16) async throws(SocketError) {
        let isReading = events == Int16(POLLIN)
        guard !(isReading ? watch.hasReader : watch.hasWriter) else { throw .busy }
        while true {
            if Task.isCancelled { throw .cancelled }
            if watch.isClosed { throw .closed }
            var entry = pollfd(fd: watch.descriptor, events: events, revents: 0)
            if poll(&entry, 1, 0) > 0 { return }
            if isReading { watch.mayRead = false } else { watch.mayWrite = false }
            let watch = self.watch
            let loop = self.loop
            let outcome = await withTaskCancellationHandler {
                // By way of self: a closure that does not capture the actor would leave its thread.
                isReading
                    ? await self.watch.readable(unlessCancelled: true)
                    : await self.watch.writable(unlessCancelled: true)
            } onCancel: {
                loop.execute { if isReading { watch.interruptReader() } else { watch.interruptWriter() } }
            }
            if outcome == .aborted, !Task.isCancelled { throw .closed }
        }
    }
}

extension EventLoop {
    /// Returns once `descriptor` is readable. For one wait; who waits often keeps an ``EventSource``.
    public func readable(_ descriptor: Int32) async throws(SocketError) {
        let source = try await EventSource.watching(descriptor, on: self, closing: false)
        do throws(SocketError) {
            try await source.readable()
        } catch {
            await source.close()
            throw error
        }
        await source.close()
    }
}
