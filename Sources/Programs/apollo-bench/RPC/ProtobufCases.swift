import Benchmarks
import Core
import Protobuf

/// The codec of protocol buffers against Google's own for C++: the same message, a fresh one or fresh bytes each time.
enum ProtobufCases {
    private static let time = Duration.milliseconds(400)

    static let encode = Case(
        "protobuf-encode", unit: "MB/s", better: .higher, note: note, peers: [ProtobufPeer.peer]
    ) { workshop in
        let report = report()
        let bytes = report.protobufBytes()
        return try await contest(workshop, "encode", bytes) { report.protobufBytes().count == bytes.count }
    }

    static let decode = Case(
        "protobuf-decode", unit: "MB/s", better: .higher, note: note, peers: [ProtobufPeer.peer]
    ) { workshop in
        let report = report()
        let bytes = report.protobufBytes()
        guard try Report(protobuf: bytes) == report else {
            throw ApolloError(.internal, "the report is another when it is read")
        }
        return try await contest(workshop, "decode", bytes) {
            try Report(protobuf: bytes).tasks.count == report.tasks.count
        }
    }

    private static let note =
        "a report of 50 tasks, texts, numbers, packed lists and a map; for C++ without arenas, each time into a new string or "
        + "from bytes into a new message"

    private static func contest(
        _ workshop: Workshop, _ verb: String, _ bytes: [UInt8], _ work: @escaping @Sendable () throws -> Bool
    ) async throws -> Contest {
        let clock = workshop.environment.clock
        var contest = Contest {
            let start = clock.now
            var rounds = 0
            while true {
                for _ in 0..<50 {
                    guard try work() else { throw ApolloError(.internal, "\(verb) gives something else") }
                }
                rounds += 50
                let spent = start.duration(to: clock.now)
                if spent >= time {
                    return Double(rounds * bytes.count) / Double(spent.inMicroseconds)
                }
            }
        }
        contest.remark = "\(bytes.count) bytes"
        if workshop.measures(ProtobufPeer.peer.name) {
            let peer = try await ProtobufPeer.build(in: workshop, message: bytes)
            contest.peers[ProtobufPeer.peer.name] = { try await peer.sample(verb, time) }
        }
        return contest
    }

    private static func report() -> Report {
        var report = Report(node: "worker-17.example", time: 1_764_185_000_123)
        report.labels = [
            "zone": "eu-central-1a", "kernel": "6.1.0-18-amd64", "gpu": "none", "tier": "standard-4",
        ]
        report.load = [0.25, 1.5, 3.75]
        report.token = (0..<32).map { UInt8($0 * 7 & 0xff) }
        report.tasks = (0..<50).map(task)
        return report
    }

    private static func task(_ index: Int) -> TaskReport {
        let number = UInt64(index)
        var task = TaskReport(id: "01j9zq4w8x\(1_000_000_000 + index)", name: "api-\(index)", phase: .running)
        task.cpu = Double(index) * 0.125 + 0.01
        task.memory = 64 << 20 + number * 4096
        task.epoch = 17 + number
        task.samples = (0..<16).map { Int64(($0 * index * 37) % 5000) }
        task.usage = Usage(
            read: number * 100_000, written: number * 3000, drift: Int32(index - 25), share: Float(index) / 64
        )
        task.isHealthy = index % 7 != 0
        if index % 5 == 0 {
            task.exitCode = 137
            task.reason = "killed: it had more memory than its limit allows"
        }
        return task
    }
}
