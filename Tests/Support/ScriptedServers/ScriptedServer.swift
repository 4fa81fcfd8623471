import Glibc
import Synchronization

/// A server for tests that says exactly what a script tells it, however wrong: each connection runs the script on a
/// thread of its own, and is closed when the script returns. It listens on loopback, on a port the kernel chooses, or on
/// a unix socket.
public final class ScriptedServer: Sendable {
    private struct State {
        var connections = 0
        var open: [Int: Int32] = [:]
        var requests: [String] = []
        var isStopped = false
    }

    private let state = Mutex(State())
    private let listener: Int32
    private let socketPath: String?
    /// The port, or 0 for a unix socket.
    public let port: UInt16

    /// A server that runs `script` for each connection, which says every byte itself.
    public static func serving(
        unixSocket: String? = nil, _ script: @escaping @Sendable (ScriptedServer, ScriptedConnection) -> Void
    ) -> ScriptedServer {
        ScriptedServer(unixSocket, script)
    }

    private init(
        _ unixSocket: String?, _ script: @escaping @Sendable (ScriptedServer, ScriptedConnection) -> Void
    ) {
        socketPath = unixSocket
        (listener, port) = unixSocket.map { (Self.listen(atPath: $0), 0) } ?? Self.listenOnLoopback()
        let listener = listener
        Self.startThread { [weak self] in
            var number = 0
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0, let self else {
                    close(listener)
                    return
                }
                number += 1
                let connection = ScriptedConnection(number: number, descriptor: descriptor)
                guard self.opened(connection) else { return }
                Self.startThread {
                    script(self, connection)
                    self.closed(connection)
                }
            }
        }
    }

    /// A server that answers each request of each connection in turn with `answer`.
    public convenience init(
        unixSocket: String? = nil,
        _ answer: @escaping @Sendable (ScriptedConnection.Request, ScriptedConnection) -> Void
    ) {
        self.init(unixSocket) { server, connection in
            while let request = connection.readRequest() {
                server.note("\(request.method) \(request.target)")
                answer(request, connection)
            }
        }
    }

    deinit { stop() }

    public var url: String { "http://127.0.0.1:\(port)" }

    /// How many connections were accepted so far.
    public var connectionCount: Int { state.withLock { $0.connections } }

    /// What was noted so far, in order: `GET /info`.
    public var requests: [String] { state.withLock { $0.requests } }

    public func note(_ request: String) { state.withLock { $0.requests.append(request) } }

    /// Closes the listener and every connection.
    public func stop() {
        state.withLock { state in
            guard !state.isStopped else { return }
            state.isStopped = true
            // accept() returns for a socket that is shut down, and its thread closes it.
            shutdown(listener, Int32(SHUT_RDWR))
            for descriptor in state.open.values { shutdown(descriptor, Int32(SHUT_RDWR)) }
            if let socketPath { unlink(socketPath) }
        }
    }

    private func opened(_ connection: ScriptedConnection) -> Bool {
        state.withLock { state in
            guard !state.isStopped else {
                close(connection.descriptor)
                return false
            }
            state.connections += 1
            state.open[connection.number] = connection.descriptor
            return true
        }
    }

    private func closed(_ connection: ScriptedConnection) {
        state.withLock { state in
            state.open[connection.number] = nil
            close(connection.descriptor)
        }
    }

    private static func listenOnLoopback() -> (Int32, UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 && Glibc.listen(descriptor, 128) == 0
                    && getsockname(descriptor, pointer, &length) == 0
            }
        }
        precondition(result, "cannot listen on loopback")
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    private static func listen(atPath path: String) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        precondition(path.utf8.count < MemoryLayout.size(ofValue: address.sun_path))
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
                    && Glibc.listen(descriptor, 128) == 0
            }
        }
        precondition(result, "cannot listen at \(path)")
        return descriptor
    }

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private static func startThread(_ run: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(Body(run)).toOpaque()
        let result = pthread_create(
            &thread, nil,
            { context in
                Unmanaged<Body>.fromOpaque(context!).takeRetainedValue().run()
                return nil
            }, context)
        precondition(result == 0, "cannot start a thread")
        pthread_detach(thread)
    }
}
