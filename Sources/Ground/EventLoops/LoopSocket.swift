import CApollo
import Glibc

/// A connected stream socket as its loop's own code uses it: calls that never block, and waits with a deadline.
///
/// Not Sendable: it belongs to one actor of the loop. Others use ``StreamSocket``.
package final class LoopSocket {
    package let watch: DescriptorWatch
    package var loop: EventLoop { watch.loop }

    /// Takes the descriptor over, which must not block.
    package init(descriptor: Int32, loop: EventLoop) throws(SocketError) {
        do {
            watch = try DescriptorWatch(descriptor: descriptor, loop: loop)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    /// Reads what is there. 0 at the end, nil when nothing is there now.
    package func receive(into buffer: UnsafeMutableRawBufferPointer) throws(SocketError) -> Int? {
        guard !watch.isClosed else { throw .closed }
        guard watch.mayRead || watch.isFinished else { return nil }
        while true {
            let count = recv(watch.descriptor, buffer.baseAddress, buffer.count, 0)
            if count >= 0 {
                // A short read found the end of what is there (epoll(7), question 9); a later edge sets the flag again.
                if count < buffer.count { watch.mayRead = false }
                return count
            }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                watch.mayRead = false
                return nil
            case ECONNRESET, EPIPE, ETIMEDOUT: throw .closed
            case let code: throw .system("read from a connection", code)
            }
        }
    }

    /// Writes what finds room, of up to three pieces in their order. The bytes taken, or nil when there is no room now.
    package func send(
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer = .init(start: nil, count: 0),
        _ third: UnsafeRawBufferPointer = .init(start: nil, count: 0)
    ) throws(SocketError) -> Int? {
        guard !watch.isClosed else { throw .closed }
        guard watch.mayWrite else { return nil }
        let total = first.count + second.count + third.count
        while true {
            let count = capollo_socket_send(
                watch.descriptor, first.baseAddress, first.count, second.baseAddress, second.count,
                third.baseAddress, third.count)
            if count >= 0 {
                if count < total { watch.mayWrite = false }
                return count
            }
            if try !mustRetry("write to a connection") { return nil }
        }
    }

    /// Writes bytes of a file from `offset` on. The bytes taken, 0 at the file's end, or nil when there is no room now.
    package func sendFile(_ file: Int32, offset: inout Int, count: Int) throws(SocketError) -> Int? {
        guard !watch.isClosed else { throw .closed }
        guard watch.mayWrite else { return nil }
        while true {
            var position = off_t(offset)
            let taken = sendfile(watch.descriptor, file, &position, count)
            if taken >= 0 {
                offset = Int(position)
                return taken
            }
            if try !mustRetry("send a file") { return nil }
        }
    }

    /// After a failed write: whether to try it again now; false to wait for room.
    private func mustRetry(_ action: String) throws(SocketError) -> Bool {
        switch errno {
        case EINTR: return true
        case EAGAIN:
            watch.mayWrite = false
            return false
        case EPIPE, ECONNRESET, ETIMEDOUT: throw .closed
        case let code: throw .system(action, code)
        }
    }

    /// Returns when reading may find something; throws `timedOut` at `deadline`, a moment of the loop's clock.
    package func readable(until deadline: Int64 = .max) async throws(SocketError) {
        try Self.check(await watch.readable(until: deadline))
    }

    /// Returns when writing may find room; throws `timedOut` at `deadline`, a moment of the loop's clock.
    package func writable(until deadline: Int64 = .max) async throws(SocketError) {
        try Self.check(await watch.writable(until: deadline))
    }

    private static func check(_ outcome: WaitOutcome) throws(SocketError) {
        switch outcome {
        case .ready: return
        case .timedOut: throw .timedOut
        case .aborted: throw .closed
        }
    }

    /// Whether bytes wait that nobody has read.
    package var hasInput: Bool { !watch.isClosed && capollo_socket_has_input(watch.descriptor) != 0 }

    /// Tells the peer that nothing more comes.
    package func finishWriting() {
        if !watch.isClosed { shutdown(watch.descriptor, Int32(SHUT_WR)) }
    }

    package func close() { watch.close() }

    /// Closes at once and so that the peer sees a reset instead of an end: what it got is not the whole.
    package func reset() {
        guard !watch.isClosed else { return }
        var immediate = linger(l_onoff: 1, l_linger: 0)
        setsockopt(
            watch.descriptor, SOL_SOCKET, SO_LINGER, &immediate, socklen_t(MemoryLayout<linger>.size))
        watch.close()
    }
}
