import Core
import EventLoops
import Networking

/// A connected TCP socket as a ``ByteStream``.
final class SocketStream: ByteStream {
    /// What is written between two looks at the deadline: the socket itself only bounds the time without any progress.
    private static let pieceSize = 256 << 10

    let peer: NetworkAddress
    private let socket: StreamSocket
    private let loop: EventLoop

    init(_ socket: StreamSocket, loop: EventLoop, peer: NetworkAddress) {
        self.socket = socket
        self.loop = loop
        self.peer = peer
    }

    deinit { close() }

    func read(upTo limit: Int, before deadline: MonotonicInstant) async throws -> [UInt8] {
        do {
            return try await socket.read(upTo: limit, within: remaining(deadline)) ?? []
        } catch {
            throw error.translated("read from \(peer)")
        }
    }

    func write(_ bytes: [UInt8], before deadline: MonotonicInstant) async throws {
        var offset = 0
        while offset < bytes.count {
            let limit = remaining(deadline)
            guard limit > .zero else { throw SocketError.timedOut.translated("write to \(peer)") }
            let end = min(bytes.count, offset + Self.pieceSize)
            do {
                try await socket.write(
                    end - offset == bytes.count ? bytes : Array(bytes[offset..<end]), within: limit)
            } catch {
                throw error.translated("write to \(peer)")
            }
            offset = end
        }
    }

    func finish() async throws { await socket.finishWriting() }

    func close() {
        let socket = self.socket
        loop.execute { socket.assumeIsolated { $0.close() } }
    }

    /// The time left; nil, for ever, is never needed: a deadline is at most a century away.
    private func remaining(_ deadline: MonotonicInstant) -> Duration {
        // A deadline at the end of time would overflow in the loop's arithmetic.
        let century = MonotonicInstant(nanoseconds: 3_200_000_000_000_000_000)
        return max(.zero, loop.instant.duration(to: min(deadline, century)))
    }
}
