import ClusterModel
import Core
import TaskRuntimes
import Testing

@testable import ProcessRuntimes

/// A generator that repeats, for bytes nobody chose.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

enum Sample {
    static let attempt = AttemptID(time: Timestamp(microseconds: 1_700_000_000_000_000), random: 7)
    static let exit = AttemptExit(
        code: 137, endedAt: Timestamp(microseconds: -5), outOfMemory: true,
        reason: "out of memory (limit 64Mi)")
    static let order = LaunchOrder(
        attempt: attempt, metadata: [1, 2, 3], candidates: ["/bin/a", "/usr/bin/a"],
        arguments: ["a", "", "é\n"],
        environment: ["A=1"], directory: "/", identity: ProcessIdentity(user: 1, group: 2, groups: [3, 4]),
        limits: AttemptLimits(cpuMillis: 500, memory: 1 << 40, processes: nil),
        mounts: [Mount(source: "/a", target: "/b", readOnly: true)], logLimit: 1 << 20)
    static let handed: LaunchOrder = {
        var order = Sample.order
        order.handover = Handover(pidFile: "/p", warnings: ["w"])
        return order
    }()
    static let record = StartRecord(
        process: ProcessStamp(pid: 42, startTicks: 99), startedAt: Timestamp(microseconds: 1),
        warnings: ["w"],
        metadata: [9], limits: AttemptLimits(),
        cgroup: AttemptCgroup(
            containment: .init(directory: "/c", killing: .freezer),
            memory: .init(directory: "/m", isVersion2: true)),
        pipes: [5, 6], logLimit: 10)

    static let requests: [LauncherRequest] = [
        .start(order), .start(handed), .find(attempt), .stop(attempt, graceMilliseconds: 3), .wait(attempt),
        .remove(attempt),
        .list,
        .usage(attempt), .output(attempt, beyond: .max), .cancel(request: 9), .status, .shutDown,
    ]
    static let replies: [LauncherReply] = [
        .started(record), .startFailed(StartFailure(step: 7, errno: 2, index: 1)), .done, .ended(exit),
        .attempts(
            [ListedAttempt(attempt: attempt, startedAt: record.startedAt, metadata: [], exit: exit)],
            more: true),
        .usage(nil), .usage(AttemptUsage(cpuSeconds: 1.5, memory: ByteCount(9), processes: 3)),
        .output(position: 77, isComplete: true), .status(LauncherStatus(pid: 1, running: 2, abilities: "x")),
        .unknownAttempt, .stillRunning, .exhausted("full"),
    ]
}

struct WireTests {
    private func frame(_ bytes: [UInt8]) throws -> Frame {
        var buffer = FrameBuffer()
        bytes.withUnsafeBytes { buffer.append($0) }
        return try #require(try buffer.next())
    }

    @Test(arguments: Sample.requests)
    func `a request is read as it was written, and never from a part of it`(_ request: LauncherRequest) throws
    {
        let frame = try frame(request.frame(12))
        #expect(frame.request == 12)
        #expect(try LauncherRequest(frame) == request)
        for count in 0..<frame.body.count {
            let part = Frame(kind: frame.kind, request: 1, body: Array(frame.body[..<count]))
            #expect(throws: WireError.self) { try LauncherRequest(part) }
        }
        #expect(throws: WireError.trailing) {
            try LauncherRequest(Frame(kind: frame.kind, request: 1, body: frame.body + [0]))
        }
    }

    @Test(arguments: Sample.replies)
    func `a reply is read as it was written, and never from a part of it`(_ reply: LauncherReply) throws {
        let frame = try frame(reply.frame(3))
        #expect(try LauncherReply(frame) == reply)
        for count in 0..<frame.body.count {
            let part = Frame(kind: frame.kind, request: 1, body: Array(frame.body[..<count]))
            #expect(throws: WireError.self) { try LauncherReply(part) }
        }
    }

    @Test func `frames are cut from a stream however it is split`() throws {
        let stream = Sample.requests.enumerated().flatMap { $1.frame(UInt32($0)) }
        for size in [1, 2, 3, 7, 64, stream.count] {
            var buffer = FrameBuffer()
            var found: [LauncherRequest] = []
            for start in stride(from: 0, to: stream.count, by: size) {
                Array(stream[start..<min(start + size, stream.count)]).withUnsafeBytes { buffer.append($0) }
                while let frame = try buffer.next() { found.append(try LauncherRequest(frame)) }
            }
            #expect(found == Sample.requests)
        }
    }

    @Test(arguments: [0, 1, 4, UInt32(Frame.longest) + 1, .max])
    func `a frame of an impossible length is refused before its body comes`(_ length: UInt32) {
        var buffer = FrameBuffer()
        withUnsafeBytes(of: length.littleEndian) { buffer.append($0) }
        #expect(throws: WireError.self) { try buffer.next() }
    }

    @Test func `random and damaged bytes are refused without harm`() throws {
        var random = SplitMix(state: 1)
        for _ in 0..<20_000 {
            let kind = UInt8.random(in: 0...150, using: &random)
            let body = (0..<Int.random(in: 0..<80, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            _ = try? LauncherRequest(Frame(kind: kind, request: 0, body: body))
            _ = try? LauncherReply(Frame(kind: kind, request: 0, body: body))
        }
        for request in Sample.requests {
            let frame = try frame(request.frame(1))
            for index in frame.body.indices {
                var damaged = frame
                damaged.body[index] = .random(in: 0...255, using: &random)
                _ = try? LauncherRequest(damaged)
            }
        }
    }

    @Test func `an attempt is never anything that could leave its directory`() {
        for text in ["../../../../etc/passwd", "", "01234567890123456./9", "0123456789012345678\u{0}"] {
            var writer = ByteWriter()
            writer.text(text)
            #expect(throws: WireError.self) {
                try LauncherRequest(Frame(kind: 4, request: 1, body: writer.bytes))
            }
        }
    }

    @Test func `greetings tell versions apart and refuse what is none`() throws {
        #expect(try Greeting(parsing: Greeting(version: 7).bytes).version == 7)
        #expect(throws: WireError.truncated) { try Greeting(parsing: [1, 2]) }
        #expect(throws: WireError.self) { try Greeting(parsing: Array("HTTP/1.1".utf8)) }
    }

    @Test func `what the client keeps with an attempt comes back`() throws {
        let metadata = AttemptMetadata(
            task: TaskID(time: Timestamp(microseconds: 0), random: 1),
            ports: [PortMapping(container: 80, host: 8080, transport: .udp), PortMapping(container: 81)])
        #expect(try AttemptMetadata(parsing: metadata.bytes) == metadata)
        for count in 0..<metadata.bytes.count {
            #expect(throws: WireError.self) { try AttemptMetadata(parsing: Array(metadata.bytes[..<count])) }
        }
        for disk in [nil, ByteCount(0), ByteCount(7)] {
            let more = AttemptMetadata(task: metadata.task, ports: [], disk: disk, stopSignal: 3)
            #expect(try AttemptMetadata(parsing: more.bytes) == more)
            let less = AttemptMetadata(task: metadata.task, ports: [], disk: disk)
            #expect(try AttemptMetadata(parsing: less.bytes) == less)
        }
    }
}
