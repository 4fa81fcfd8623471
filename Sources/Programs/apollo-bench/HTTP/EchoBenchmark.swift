import Core
import EventLoops
import Synchronization

/// A thousand connections that send and receive a mebibyte each, all at once: the longest time that one of them moved nothing.
struct EchoBenchmark: Benchmark {
    var name: String { "echo-1mib-1000-longest-stall" }
    var unit: String { "s" }
    var better: Better { .lower }
    var peers: [Peer] { [] }
    var note: String? { "nginx has nothing that streams a request's body back" }

    static let connections = 1000
    static let size = 1 << 20

    func start(_ contender: Contender) async throws -> any Contestant {
        OpenFiles.raiseLimit()
        return Instance(
            server: try HTTPContender(contender), group: try EventLoopGroup(count: HTTPContender.clients))
    }

    private struct Instance: Contestant {
        let server: HTTPContender
        let group: EventLoopGroup

        func measure() async throws -> Double {
            var sockets: [(StreamSocket, EventLoop)] = []
            for _ in 0..<EchoBenchmark.connections {
                let loop = group.next()
                sockets.append(
                    (
                        try await StreamSocket.connecting(
                            to: .tcp(host: "127.0.0.1", port: server.port), on: loop), loop
                    )
                )
            }
            let results = Results()
            let start = group.loops[0].instant
            await withTaskGroup(of: Void.self) { tasks in
                for (socket, loop) in sockets {
                    let task = loop.spawn { await Exchange(socket, loop, start).run(results) }
                    tasks.addTask { await task.value }
                }
            }
            return try results.longest()
        }

        func finish() async {
            await group.stop()
            server.stop()
        }
    }
}

/// What the exchanges came to.
private final class Results: Sendable {
    private let state = Mutex<(longest: Duration, whole: Int, failures: [String])>((.zero, 0, []))

    func add(_ stall: Duration) {
        state.withLock { ($0.longest, $0.whole) = (max($0.longest, stall), $0.whole + 1) }
    }
    func add(failure: String) { state.withLock { $0.failures.append(failure) } }

    func longest() throws -> Double {
        let (longest, whole, failures) = state.withLock { $0 }
        guard whole == EchoBenchmark.connections else {
            throw ApolloError(
                .corrupt, "only \(whole) of \(EchoBenchmark.connections) came back whole",
                hint: failures.first)
        }
        return longest.inSeconds
    }
}

/// One connection's part.
private final class Exchange: Sendable {
    private let socket: StreamSocket
    private let loop: EventLoop
    private let progress: Mutex<(last: MonotonicInstant, longest: Duration)>

    init(_ socket: StreamSocket, _ loop: EventLoop, _ start: MonotonicInstant) {
        self.socket = socket
        self.loop = loop
        progress = Mutex((start, .zero))
    }

    func run(_ results: Results) async {
        do {
            async let sending: Void = send()
            try await receive()
            try await sending
            results.add(progress.withLock { $0.longest })
        } catch {
            results.add(failure: "\(error)")
        }
        await socket.close()
    }

    private func moved() {
        let now = loop.instant
        progress.withLock { $0 = (now, max($0.longest, $0.last.duration(to: now))) }
    }

    private func send() async throws {
        let size = EchoBenchmark.size
        try await socket.write(
            Array("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(size)\r\n\r\n".utf8))
        let piece = [UInt8](repeating: 0x78, count: 16 << 10)
        for _ in 0..<(size / piece.count) {
            try await socket.write(piece)
            moved()
        }
    }

    private func receive() async throws {
        var head: [UInt8] = []
        var left = EchoBenchmark.size
        var isInBody = false
        while left > 0 {
            guard var piece = try await socket.read(within: .seconds(60)) else {
                throw ApolloError(.corrupt, "the server ended the connection \(left) bytes early")
            }
            moved()
            if !isInBody {
                head += piece
                guard let end = head.indices.first(where: { head[$0...].starts(with: [13, 10, 13, 10]) })
                else {
                    continue
                }
                isInBody = true
                piece = Array(head[(end + 4)...])
            }
            guard piece.allSatisfy({ $0 == 0x78 }), piece.count <= left else {
                throw ApolloError(.corrupt, "other bytes came back than were sent")
            }
            left -= piece.count
        }
    }
}
