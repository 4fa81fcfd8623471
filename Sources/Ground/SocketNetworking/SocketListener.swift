import Core
import EventLoops
import Networking

/// A listening TCP socket as a ``NetworkListener``.
final class SocketListener: NetworkListener {
    let address: NetworkAddress
    private let listener: Listener
    private let loop: EventLoop
    private let loops: EventLoopGroup

    init(_ listener: Listener, loop: EventLoop, loops: EventLoopGroup, requested: NetworkAddress) {
        self.listener = listener
        self.loop = loop
        self.loops = loops
        address =
            if case .tcp(let host, let port) = listener.address {
                NetworkAddress(host: host, port: port)
            } else {
                requested
            }
    }

    deinit { close() }

    func accept() async throws -> (any ByteStream)? {
        do throws(SocketError) {
            let connection = try await listener.accept()
            let peer =
                NetworkAddress(parsing: connection.peer) ?? NetworkAddress(host: connection.peer, port: 0)
            let loop = loops.next()
            return SocketStream(try await StreamSocket.serving(connection, on: loop), loop: loop, peer: peer)
        } catch .closed {
            return nil
        } catch {
            throw error.translated("accept at \(address)")
        }
    }

    func close() {
        let listener = self.listener
        loop.execute { listener.assumeIsolated { $0.close() } }
    }
}
