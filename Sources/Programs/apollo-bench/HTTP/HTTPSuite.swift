import Concurrency
import Core
import Glibc

extension Suite {
    /// The HTTP server beside nginx. Half of the machine's cores serve, the other half makes the load.
    static let http = Suite(
        name: "http",
        cases: [
            WrkBenchmark(name: "hello-64", connections: 64),
            WrkBenchmark(name: "hello-1000", connections: 1000),
            WrkBenchmark(name: "cpu-per-request-64", connections: 64, figure: .processorTime),
            // `api-get-task-64` comes with the API: routing, token, metrics and audit on.
            EchoBenchmark(),
            TransferBenchmark(direction: .download),
            TransferBenchmark(direction: .upload),
            WrkBenchmark(name: "tls-hello-64", connections: 64, isEncrypted: true),
        ])
}

/// Small requests by wrk over connections that stay open.
struct WrkBenchmark: Benchmark {
    enum Figure {
        case requests
        case processorTime
    }

    var name: String
    var connections: Int
    var isEncrypted = false
    var figure = Figure.requests

    var unit: String { figure == .requests ? "requests/s" : "us" }
    var better: Better { figure == .requests ? .higher : .lower }
    var peers: [Peer] { [Nginx.peer] }
    var note: String? {
        "\(HTTPContender.loops) loop(s) or worker(s), wrk with \(HTTPContender.clients) thread(s)"
    }

    static let seconds = 3
    private static let path = "/usr/bin/wrk"

    func start(_ contender: Contender) async throws -> any Contestant {
        guard access(Self.path, X_OK) == 0 else {
            throw ApolloError(
                .unavailable, "wrk, which makes the load, is not installed", hint: "apt-get install wrk")
        }
        let contestant = Instance(benchmark: self, server: try HTTPContender(contender, tls: isEncrypted))
        // To warm up.
        _ = try contestant.load(seconds: 1)
        return contestant
    }

    private struct Instance: Contestant {
        let benchmark: WrkBenchmark
        let server: HTTPContender

        func measure() async throws -> Double {
            let before = server.processorTime
            let (requests, seconds) = try load(seconds: WrkBenchmark.seconds)
            let used = server.processorTime - before
            return benchmark.figure == .requests ? requests / seconds : used / requests * 1e6
        }

        func finish() async { server.stop() }

        /// The requests that were answered with 200, and the time that took.
        func load(seconds: Int) throws -> (requests: Double, seconds: Double) {
            let scheme = benchmark.isEncrypted ? "https" : "http"
            let text = try ChildProgram.output(of: [
                WrkBenchmark.path, "-t\(HTTPContender.clients)", "-c\(benchmark.connections)",
                "-d\(seconds)s",
                "\(scheme)://127.0.0.1:\(server.port)/",
            ])
            if text.contains("Non-2xx") || text.contains("Socket errors") {
                throw ApolloError(.corrupt, "not every request was answered", hint: text)
            }
            for line in text.split(separator: "\n") where line.contains(" requests in ") {
                let words = line.split(separator: " ").map(String.init)
                if let requests = Double(words[0]),
                    let time = Duration(parsing: words[3].filter { $0 != "," })
                {
                    return (requests, time.inSeconds)
                }
            }
            throw ApolloError(.corrupt, "wrk wrote something else than figures", hint: text)
        }
    }
}

/// A gibibyte one way over one connection.
struct TransferBenchmark: Benchmark {
    enum Direction: String {
        case download
        case upload
    }

    var direction: Direction

    var name: String { "\(direction.rawValue)-1gib" }
    var unit: String { "MB/s" }
    var better: Better { .higher }
    var peers: [Peer] { [Nginx.peer] }
    var note: String? {
        direction == .download
            ? "a file, by sendfile"
            : "read whole and dropped; nginx answers first and then drops ('return 200')"
    }

    func start(_ contender: Contender) async throws -> any Contestant {
        Instance(
            direction: direction, server: try HTTPContender(contender, file: direction == .download))
    }

    private struct Instance: Contestant {
        let direction: Direction
        let server: HTTPContender

        func measure() async throws -> Double {
            let clock = LiveClock()
            let start = clock.now
            switch direction {
            case .download: try download()
            case .upload: try upload()
            }
            return Double(HTTPContender.fileSize) / 1e6 / start.duration(to: clock.now).inSeconds
        }

        func finish() async { server.stop() }

        private func download() throws {
            let socket = try BlockingSocket(port: server.port)
            try socket.send(Array("GET /file HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
            var buffer = [UInt8](repeating: 0, count: 1 << 20)
            var (status, length, received) = try socket.readHead(&buffer)
            while received < length {
                let count = socket.receive(&buffer)
                guard count > 0 else { break }
                received += count
            }
            guard status == 200, received == HTTPContender.fileSize else {
                throw ApolloError(.corrupt, "\(received) bytes came with the status \(status)")
            }
        }

        private func upload() throws {
            let socket = try BlockingSocket(port: server.port)
            let size = HTTPContender.fileSize
            try socket.send(
                Array("POST /sink HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(size)\r\n\r\n".utf8))
            let piece = [UInt8](repeating: 0x78, count: 1 << 20)
            for _ in 0..<(size / piece.count) { try socket.send(piece) }
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            let (status, _, _) = try socket.readHead(&buffer)
            guard status == 200 else { throw ApolloError(.corrupt, "the status is \(status)") }
        }
    }
}
