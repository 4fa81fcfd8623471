import Benchmarks
import Concurrency
import Core
import RPC
import RPCModel

/// Calls against the C++ library over the same core: two processes on each side, one thread of calls in each.
enum CallCases {
    static let cases = [unary(1), unary(64), stream]

    private static let time = Duration.milliseconds(1000)
    private static let messages = 100_000

    private static func unary(_ concurrency: Int) -> Case {
        Case(
            "unary-\(concurrency)", unit: "calls/s", better: .higher,
            note: "64 bytes to and fro, \(concurrency) at once; every answer compared", peers: [CallPeer.peer]
        ) { workshop in
            let caller = try await Caller.start(in: workshop)
            var contest = Contest {
                try await caller.unary(concurrency, for: time, workshop.environment.clock)
            }
            if workshop.measures(CallPeer.peer.name) {
                let peer = try await CallPeer.start(in: workshop)
                contest.peers[CallPeer.peer.name] = {
                    try await peer.sample(["unary", "\(concurrency)", "\(time.inMicroseconds)"])
                }
            }
            return contest
        }
    }

    private static let stream = Case(
        "stream-64b", unit: "messages/s", better: .higher,
        note: "\(messages) messages of 64 bytes in one stream of the server's, all counted",
        peers: [CallPeer.peer]
    ) { workshop in
        let caller = try await Caller.start(in: workshop)
        var contest = Contest { try await caller.stream(messages, workshop.environment.clock) }
        if workshop.measures(CallPeer.peer.name) {
            let peer = try await CallPeer.start(in: workshop)
            contest.peers[CallPeer.peer.name] = { try await peer.sample(["stream", "\(messages)"]) }
        }
        return contest
    }
}

/// Our client in this process, and our server in another.
private struct Caller: Sendable {
    let poller: RPCPoller
    let channel: RPCChannel

    static func start(in workshop: Workshop) async throws -> Caller {
        let child = try workshop.start(OwnPrograms.bench, ["serve-rpc"], log: "rpc-server")
        let address = try await workshop.waiting(for: "the start of our server") {
            guard child.isRunning else { throw ApolloError(.unavailable, "our server ended") }
            let text = try TextFile.read(workshop.path("rpc-server")) ?? ""
            return text.hasSuffix("\n") ? String(text.dropLast()) : nil
        }
        guard let port = address.split(separator: ":").last.flatMap({ UInt16($0) }) else {
            throw ApolloError(.internal, "our server says '\(address)'")
        }
        let poller = RPCPoller(name: "rpc-client")
        // The core lets whichever of a process's queues is idle wait for all their connections: one left behind slows the next case.
        workshop.onClose { await poller.stop() }
        let channel = try RPCChannel(
            .tcp("127.0.0.1", port), configuration: RPCChannelConfiguration(environment: .live),
            poller: poller)
        return Caller(poller: poller, channel: channel)
    }

    func unary(_ concurrency: Int, for time: Duration, _ clock: any MonotonicClock) async throws -> Double {
        let payload = Payload(data: (0..<64).map { UInt8($0) })
        let client = EchoClient(channel)
        let start = clock.now
        let total = try await withTaskExecutorPreference(poller) {
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<concurrency {
                    group.addTask { try await Self.calls(client, payload, from: start, for: time, clock) }
                }
                return try await group.reduce(0, +)
            }
        }
        return Double(total) / (Double(start.duration(to: clock.now).inMicroseconds) / 1e6)
    }

    private static func calls(
        _ client: EchoClient, _ payload: Payload, from start: MonotonicInstant, for time: Duration,
        _ clock: any MonotonicClock
    ) async throws -> Int {
        var count = 0
        while start.duration(to: clock.now) < time {
            guard try await client.say(payload) == payload else {
                throw ApolloError(.internal, "another answer came back")
            }
            count += 1
        }
        return count
    }

    func stream(_ messages: Int, _ clock: any MonotonicClock) async throws -> Double {
        let client = EchoClient(channel)
        let start = clock.now
        let count = try await withTaskExecutorPreference(poller) {
            try await client.count(Amount(count: Int64(messages))) { answers in
                var count = 0
                for try await answer in answers where answer.data.count == 64 { count += 1 }
                return count
            }
        }
        guard count == messages else { throw ApolloError(.internal, "\(count) of \(messages) messages came") }
        return Double(count) / (Double(start.duration(to: clock.now).inMicroseconds) / 1e6)
    }
}
