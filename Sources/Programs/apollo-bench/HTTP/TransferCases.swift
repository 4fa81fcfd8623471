import Benchmarks
import Concurrency
import Core
import Glibc

/// One large body each way, on one connection.
enum TransferCases {
    private static let bytes = 1 << 30

    static let download = Case(
        "download-1gib", unit: "MB/s", better: .higher, note: "one connection, a file by sendfile",
        peers: [Nginx.peer]
    ) { workshop in
        let file = workshop.path("file")
        try TransferClient.makeFile(file, bytes: bytes)
        let pool = BlockingPool(name: "client", threads: 1)
        workshop.onClose { pool.stop() }
        let server = try await BareServer.start(in: workshop, file: file)
        var contest = Contest(ours: try sampler(pool, server.address, workshop) { try $0.download(bytes) })
        if workshop.measures("nginx") {
            let nginx = try await Nginx.start(in: workshop, file: file)
            contest.peers["nginx"] = try sampler(pool, nginx.address, workshop) { try $0.download(bytes) }
        }
        return contest
    }

    static let upload = Case(
        "upload-1gib", unit: "MB/s", better: .higher,
        note:
            "one connection, counted by a handler and dropped; nginx alone either stores a body or skips it unread"
    ) { workshop in
        let pool = BlockingPool(name: "client", threads: 1)
        workshop.onClose { pool.stop() }
        let server = try await BareServer.start(in: workshop)
        return Contest(ours: try sampler(pool, server.address, workshop) { try $0.upload(bytes) })
    }

    private static func sampler(
        _ pool: BlockingPool, _ address: String, _ workshop: Workshop,
        _ transfer: @escaping @Sendable (TransferClient) throws -> Void
    ) throws -> Contest.Sampler {
        let port = try Loopback.port(of: address)
        let clock = workshop.environment.clock
        return {
            let start = clock.now
            try await pool.run { try transfer(TransferClient(port: port)) }
            return Double(bytes) / Double(start.duration(to: clock.now).inMicroseconds)
        }
    }
}

/// A client of one request, which blocks: nothing of it stands between the server and the figure.
struct TransferClient: Sendable {
    let port: UInt16

    private static let block = 1 << 20

    /// A file whose every block begins with its number; the rest of it are holes.
    static func makeFile(_ path: String, bytes: Int) throws {
        let file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0, ftruncate(file, bytes) == 0 else { throw Loopback.failure("make \(path)") }
        defer { close(file) }
        for index in 0..<bytes / block {
            var mark = UInt64(index).littleEndian
            guard pwrite(file, &mark, 8, index * block) == 8 else { throw Loopback.failure("write \(path)") }
        }
    }

    /// Reads the file and checks its blocks.
    func download(_ bytes: Int) throws {
        let socket = try Loopback.connect(port)
        defer { close(socket) }
        try Loopback.send(
            Array("GET /file HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8), on: socket)
        let head = try Loopback.readHead(socket)
        guard head.hasPrefix("HTTP/1.1 200 "), head.lowercased().contains("content-length: \(bytes)\r\n")
        else {
            throw ApolloError(.unavailable, "the file was refused: \(head)")
        }
        var buffer = [UInt8](repeating: 0, count: Self.block)
        for index in 0..<bytes / Self.block {
            let count = recv(socket, &buffer, Self.block, Int32(MSG_WAITALL))
            guard count == Self.block else { throw Loopback.failure("read block \(index)") }
            let mark = buffer.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
            guard mark == UInt64(index) else {
                throw ApolloError(.corrupt, "block \(mark) came in the place of block \(index)")
            }
        }
    }

    /// Sends a body, and checks that all of it was counted.
    func upload(_ bytes: Int) throws {
        let socket = try Loopback.connect(port)
        defer { close(socket) }
        let head =
            "PUT /sink HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(bytes)\r\nConnection: close\r\n\r\n"
        try Loopback.send(Array(head.utf8), on: socket)
        let block = [UInt8](repeating: 0x61, count: Self.block)
        for _ in 0..<bytes / Self.block { try Loopback.send(block, on: socket) }
        let answer = try Loopback.readHead(socket)
        var count = [UInt8](repeating: 0, count: 32)
        let length = recv(socket, &count, count.count, Int32(MSG_WAITALL))
        guard answer.hasPrefix("HTTP/1.1 200 "), length > 0,
            String(decoding: count[..<length], as: UTF8.self) == "\(bytes)\n"
        else { throw ApolloError(.corrupt, "the server did not count \(bytes) bytes: \(answer)") }
    }
}
