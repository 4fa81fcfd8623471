import ClusterModel
import Concurrency
import Core
import NodeMessages
import NodeServices
import Protobuf
import RPC
import RPCModel
import TaskDecisions
import Testing
import Workers

/// Sessions whose messages travel together, and those with an end of the version before, which reads no batches.
struct BatchedSessionTests {
    private static func launch(_ number: UInt64) -> AttemptLaunch {
        var launch = Machine.launch
        launch.attempt = AttemptID(time: Timestamp(microseconds: 0), random: number + 100)
        return launch
    }

    /// A session of a manager that says no more than a hello; `body` has the orders to write and the reports to read.
    private func session(
        _ machine: Machine, capabilities: [String],
        _ body: @escaping @Sendable (RPCRequests<Order>, RPCReader<Report>) async throws -> Void
    ) async throws {
        let channel = try RPCChannel(
            machine.address, configuration: RPCChannelConfiguration(environment: .live),
            poller: machine.poller)
        let options = RPCCallOptions(heartbeat: RPCHeartbeat(every: .milliseconds(200)))
        try await WorkerClient(channel).session(options: options) { orders, reports in
            let hello = Hello(
                epoch: 3, node: Machine.node.text, leaseMs: 10_000, capability: capabilities)
            try await orders.write(Order(kind: .hello(hello)))
            guard case .welcome(let welcome)? = try await reports.next()?.kind else {
                throw ApolloError(.internal, "no welcome")
            }
            #expect(welcome.capability == [SessionCapability.batches])
            try await body(orders, reports)
        }
    }

    @Test func `a manager that reads no batches gets every report alone`() async throws {
        let machine = try Machine(.far)
        try await machine.running {
            try await session(machine, capabilities: []) { orders, reports in
                for number in 0..<100 {
                    try await orders.write(
                        try #require(Order(.launch(Self.launch(UInt64(number)), on: Machine.node))))
                }
                var started = Set<String>()
                while started.count < 100, let report = try await reports.next() {
                    #expect(report.batch == nil)
                    guard case .attempt(let news)? = report.kind, case .started? = news.event else {
                        continue
                    }
                    started.insert(news.attempt)
                }
                #expect(started.count == 100)
            }
        }
    }

    @Test func `orders that travel together are carried out, and many reports come together, none missing`()
        async throws
    {
        let machine = try Machine(.far)
        try await machine.running {
            try await session(machine, capabilities: [SessionCapability.batches, "of a later version"]) {
                orders, reports in
                let launches = try (0..<600).map {
                    try #require(Order(.launch(Self.launch(UInt64($0)), on: Machine.node)))
                }
                let together = Order.together(launches, for: [SessionCapability.batches])
                #expect(together.count == 3)
                for order in together { try await orders.write(order) }
                var (started, messages) = (Set<String>(), 0)
                while started.count < 600, let message = try await reports.next() {
                    messages += 1
                    for report in try message.apart() {
                        guard case .attempt(let news)? = report.kind else { continue }
                        if case .started? = news.event { started.insert(news.attempt) }
                    }
                }
                #expect(started.count == 600)
                // Not so few that it would be a matter of speed: some travelled together.
                #expect(messages < 600)
            }
        }
    }

    @Test func `a worker that reads no batches gets every order alone`() async throws {
        let worker = OlderWorker()
        let poller = RPCPoller(name: "rpc-older")
        let server = RPCServer(
            [worker.service],
            configuration: RPCServerConfiguration(
                endpoints: [.init(.tcp("127.0.0.1", 0))], environment: .live), poller: poller)
        let channel = try RPCChannel(
            try server.start()[0], configuration: RPCChannelConfiguration(environment: .live), poller: poller)
        let connection = RemoteWorker(
            Machine.description, calls: channel, epoch: 3,
            settings: RemoteWorker.Settings(
                heartbeat: RPCHeartbeat(every: .milliseconds(200)), lease: .seconds(10))
        ) { _ in }
        for number in 0..<UInt64(100) { connection.perform(.launch(Self.launch(number), on: Machine.node)) }
        try await withDeadline(.seconds(60), clock: Environment.live.clock, of: "the orders") {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await connection.run {} }
                var orders: [Order] = []
                while orders.count < 100, let more = try await worker.orders.nextBatch() { orders += more }
                #expect(orders.count == 100)
                #expect(orders.allSatisfy { $0.batch == nil })
                group.cancelAll()
            }
        }
        await server.shutdown(deadline: .zero)
        await poller.stop()
    }

    @Test func `a batch in a batch, and one that cannot be read, are refused`() throws {
        let order = try #require(Order(.watch(Machine.place)))
        let batch = Order(batch: Batch(message: [order.protobufBytes()]))
        #expect(try batch.apart() == [order])
        let nested = Order(batch: Batch(message: [batch.protobufBytes()]))
        #expect(throws: RPCError.self) { try nested.apart() }
        #expect(throws: RPCError.self) { try Order(batch: Batch(message: [[10, 200]])).apart() }
    }

    @Test func `what is large travels in several batches, and one message is no batch`() throws {
        let report = Report(.problem(String(repeating: "x", count: 100 << 10)))
        let capable = [SessionCapability.batches]
        let together = Report.together([Report](repeating: report, count: 5), for: capable)
        #expect(together.map { $0.batch?.message.count } == [2, 2, 1])
        #expect(Report.together([report], for: capable) == [report])
    }
}

/// A worker of the version before: its welcome says nothing of batches.
private struct OlderWorker {
    let orders = Mailbox<Order>("orders", capacity: 1000)

    var service: RPCService {
        RPCService(
            "apollo.worker.v1.Worker",
            [
                .bidirectional(WorkerMethods.session) { requests, responses, _ in
                    _ = try await requests.next()
                    try await responses.write(Report(kind: .welcome(Welcome(version: "before"))))
                    while let order = try await requests.next() { try await orders.sendWaiting(order) }
                }
            ])
    }
}
