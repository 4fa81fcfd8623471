import Benchmarks
import Concurrency
import Core
import Glibc

/// One large object each way.
enum ObjectTransferCases {
    private static let bytes = 1 << 30

    static let put = Case(
        "put-1gib", unit: "MB/s", better: .higher,
        note:
            "a file, as 'apollo blob cp' stores it: in parts, eight at a time, each acknowledged after fsync and checked; "
            + "dd writes as many bytes to the same disk with conv=fsync",
        peers: [dd]
    ) { workshop in
        let objects = try await ObjectPlatform.start(in: workshop)
        let client = UploadClient(objects, in: workshop)
        let file = workshop.path("file")
        _ = try await workshop.run(
            "dd", ["if=/dev/zero", "of=\(file)", "bs=1M", "count=\(bytes >> 20)", "conv=fsync"],
            within: .seconds(120))
        return putContest(in: workshop) { try await client.upload(file) }
    }

    static let putSingle = Case(
        "put-1gib-single", unit: "MB/s", better: .higher,
        note:
            "one PUT on one connection, acknowledged after fsync; dd writes as many bytes to the same disk with conv=fsync",
        peers: [dd]
    ) { workshop in
        let client = try client(of: try await ObjectPlatform.start(in: workshop))
        let pool = BlockingPool(name: "client", threads: 1)
        workshop.onClose { pool.stop() }
        return putContest(in: workshop) { try await pool.run { try client.put(bytes) } }
    }

    /// The rate at which `put` stores the bytes, and that of dd.
    private static func putContest(
        in workshop: Workshop, _ put: @escaping @Sendable () async throws -> Void
    ) -> Contest {
        let clock = workshop.environment.clock
        var contest = Contest {
            let start = clock.now
            try await put()
            return Double(bytes) / Double(start.duration(to: clock.now).inMicroseconds)
        }
        if workshop.measures("dd") {
            let target = workshop.path("dd-target")
            contest.peers["dd"] = {
                let start = clock.now
                _ = try await workshop.run(
                    "dd", ["if=/dev/zero", "of=\(target)", "bs=1M", "count=\(bytes >> 20)", "conv=fsync"],
                    within: .seconds(120))
                return Double(bytes) / Double(start.duration(to: clock.now).inMicroseconds)
            }
        }
        return contest
    }

    static let uploadMemory = Case(
        "upload-20gib-memory", unit: "MiB", better: .lower,
        note:
            "the most memory that the platform's process has while a file of 20 GiB is stored in parts, eight at a time"
    ) { workshop in
        let objects = try await ObjectPlatform.start(in: workshop)
        let client = UploadClient(objects, in: workshop)
        // Without blocks of its own: the disk needs to have room for the object alone.
        let file = workshop.path("file")
        _ = try await workshop.run("truncate", ["-s", "20G", file])
        return Contest {
            try await client.remove()
            let store = ProcessFacts(objects.pid)
            try store.forgetPeak()
            try await client.upload(file)
            return try store.peakMemory()
        }
    }

    static let get = Case(
        "get-1gib", unit: "MB/s", better: .higher,
        note: "one connection; nginx serves the same bytes from a file by sendfile, without checksums",
        peers: [Nginx.peer]
    ) { workshop in
        let objects = try await ObjectPlatform.start(in: workshop)
        let (pool, clock) = (BlockingPool(name: "client", threads: 1), workshop.environment.clock)
        workshop.onClose { pool.stop() }
        let ours = try client(of: objects)
        try await pool.run { try ours.put(bytes) }
        var contest = Contest {
            let start = clock.now
            try await pool.run { try ours.get(bytes) }
            return Double(bytes) / Double(start.duration(to: clock.now).inMicroseconds)
        }
        if workshop.measures("nginx") {
            let file = workshop.path("file")
            _ = try await workshop.run(
                "dd", ["if=/dev/zero", "of=\(file)", "bs=1M", "count=\(bytes >> 20)"], within: .seconds(120))
            let nginx = try await Nginx.start(in: workshop, file: file)
            let theirs = ObjectTransfer(port: try Loopback.port(of: nginx.address), path: "/file", field: nil)
            contest.peers["nginx"] = {
                let start = clock.now
                try await pool.run { try theirs.get(bytes) }
                return Double(bytes) / Double(start.duration(to: clock.now).inMicroseconds)
            }
        }
        return contest
    }

    private static let dd = Peer("dd", installation: "apt-get install coreutils") { workshop in
        // "dd (coreutils) 9.1"
        let said = try await workshop.run("dd", ["--version"]).output
        return said.split(separator: "\n").first?.split(separator: " ").last.map(String.init)
    }

    private static func client(of objects: ObjectPlatform) throws -> ObjectTransfer {
        ObjectTransfer(
            port: try Loopback.port(of: objects.store), path: "/\(ObjectPlatform.bucket)/large",
            field: objects.field)
    }
}

/// A client of one request, which blocks: nothing of it stands between the server and the figure.
private struct ObjectTransfer: Sendable {
    let port: UInt16
    let path: String
    let field: String?
    private static let block = 1 << 20

    func put(_ bytes: Int) throws {
        let socket = try Loopback.connect(port)
        defer { close(socket) }
        try Loopback.send(Array(head("PUT", length: bytes).utf8), on: socket)
        let block = [UInt8](repeating: 0, count: Self.block)
        for _ in 0..<bytes / Self.block { try Loopback.send(block, on: socket) }
        _ = try readHead(socket)
    }

    func get(_ bytes: Int) throws {
        let socket = try Loopback.connect(port)
        defer { close(socket) }
        try Loopback.send(Array(head("GET", length: nil).utf8), on: socket)
        let answer = try readHead(socket)
        guard answer.lowercased().contains("content-length: \(bytes)\r\n") else {
            throw ApolloError(.unavailable, "the object has another length: \(answer)")
        }
        var (buffer, received) = ([UInt8](repeating: 0, count: Self.block), 0)
        while received < bytes {
            let count = recv(socket, &buffer, Self.block, 0)
            guard count > 0 else { throw Loopback.failure("read after \(received) bytes") }
            received += count
        }
    }

    private func head(_ method: String, length: Int?) -> String {
        var lines = ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Connection: close"]
        if let field { lines.append("Authorization: \(field)") }
        if let length { lines.append("Content-Length: \(length)") }
        return lines.joined(separator: "\r\n") + "\r\n\r\n"
    }

    /// The head of the answer, which has to be that of a success.
    private func readHead(_ socket: Int32) throws -> String {
        let text = try Loopback.readHead(socket)
        guard text.hasPrefix("HTTP/1.1 200 ") else {
            throw ApolloError(.unavailable, "it was refused: \(text)")
        }
        return text
    }
}
