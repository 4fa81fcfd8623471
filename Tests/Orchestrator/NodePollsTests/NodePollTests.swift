import Buses
import ClusterModel
import Concurrency
import Core
import Managers
import NodePolls
import Synchronization
import TaskDecisions
import Testing
import Workers

@Suite("What machines are busy with, asked on a bus")
struct NodePollTests {
    private static let metrics = NodeMetrics(
        cpuBusy: 0.5, load: [1, 2, 3], memoryUsed: .mebibytes(1), memoryTotal: .mebibytes(2),
        diskUsed: .mebibytes(3), diskTotal: .mebibytes(4), tasks: 5,
        gpus: [
            GPUMetrics(
                index: 0, uuid: "GPU-1", name: "x", busy: nil, memoryUsed: ByteCount(1),
                memoryTotal: ByteCount(2))
        ], takenAt: Timestamp(microseconds: 1))

    @Test("an answer reaches the manager, with the manager's time")
    func answers() async throws {
        try await Polled.with { polled in
            try await polled.answering({ Self.metrics }) {
                let found = try await polled.poller.ask(try polled.node())
                #expect(found.gpus == Self.metrics.gpus)
                #expect(found.takenAt > Self.metrics.takenAt)
                let node = try polled.node()
                #expect(node.metrics == found)
            }
        }
    }

    @Test("a machine that nobody answers for says why, until it tells again")
    func nobody() async throws {
        try await Polled.with { polled in
            await polled.poller.askAll()
            let problem = try #require(try polled.node().metricsProblem)
            #expect(problem == "nobody answers on the bus for node 'one'")
            await #expect(throws: ApolloError.self) { try await polled.poller.ask(try polled.node()) }
            try await polled.answering({ Self.metrics }) {
                await polled.poller.askAll()
                let node = try polled.node()
                #expect(node.metricsProblem == nil)
                #expect(node.metrics?.cpuBusy == 0.5)
            }
        }
    }

    @Test("a machine that cannot read what it is busy with says so, and one that does not tell")
    func unreadable() async throws {
        try await Polled.with { polled in
            try await polled.answering({ throw ApolloError(.unavailable, "no /proc") }) {
                let error = await #expect(throws: ApolloError.self) {
                    try await polled.poller.ask(try polled.node())
                }
                #expect(error?.message == "node 'one' does not tell: no /proc")
            }
            try await polled.answering({ nil }) {
                await polled.poller.askAll()
                let problem = try polled.node().metricsProblem
                #expect(
                    problem
                        == "node 'one' does not tell: the machine does not tell what it is busy with")
            }
        }
    }

    @Test("one that is silent is waited for no longer than said")
    func silence() async throws {
        try await Polled.with(patience: .milliseconds(20)) { polled in
            let silent = try await polled.bus.subscribe(
                SubjectPattern(MetricsAnswer.subject(of: Polled.node)))
            await polled.poller.askAll()
            let problem = try polled.node().metricsProblem
            #expect(problem == "node 'one' did not answer within 20ms")
            silent.cancel()
        }
    }

    @Test(
        "an answer that cannot be is refused",
        arguments: [
            "", "{", "[]", #"{"metrics":{}}"#,
            #"{"metrics":{"cpuBusy":2,"load":[],"memoryUsed":1,"memoryTotal":2,"diskUsed":3,"diskTotal":4,"tasks":5,"takenAt":"2026-01-01T00:00:00Z"}}"#,
            #"{"metrics":{"cpuBusy":0,"load":[],"memoryUsed":-1,"memoryTotal":2,"diskUsed":3,"diskTotal":4,"tasks":5,"takenAt":"2026-01-01T00:00:00Z"}}"#,
        ])
    func nonsense(_ text: String) throws {
        let error = #expect(throws: ApolloError.self) { try MetricsAnswer(parsing: Array(text.utf8)) }
        #expect(error?.kind == .corrupt)
    }

    @Test("an answer that is too long is refused unread")
    func long() {
        let bytes = [UInt8](repeating: 0x20, count: MetricsAnswer.maximumBytes + 1)
        #expect(throws: ApolloError.self) { try MetricsAnswer(parsing: bytes) }
    }

    @Test("those who ask while it reads share the next reading")
    func sharing() async throws {
        try await Polled.with { polled in
            let (begun, gate, readings) = (Latch<Void>(), Latch<Void>(), Counter())
            try await polled.answering({
                readings.add()
                begun.open()
                try await gate.wait()
                return Self.metrics
            }) {
                let asked = try await polled.bus.subscribe(
                    SubjectPattern(MetricsAnswer.subject(of: Polled.node)))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    let node = try polled.node()
                    group.addTask { _ = try await polled.poller.ask(node) }
                    try await begun.wait()
                    for _ in 0..<10 { group.addTask { _ = try await polled.poller.ask(node) } }
                    var questions = 0
                    while questions < 11, let batch = try await asked.nextBatch() {
                        questions += batch.messages.count
                    }
                    gate.open()
                    try await group.waitForAll()
                }
                #expect(readings.count == 2)
            }
        }
    }
}

final class Counter: Sendable {
    private let value = Mutex(0)
    var count: Int { value.withLock { $0 } }
    func add() { value.withLock { $0 += 1 } }
}

/// A manager with one node, and a bus on which it is asked.
struct Polled: Sendable {
    struct Store: TaskStore {
        func load() async throws -> [StoredTask] { [] }
        func commit(_ batch: [StoredChange]) async throws {}
    }

    static let node = NodeID(time: Timestamp(microseconds: 0), random: 2)
    let bus = LocalBus(environment: .live)
    let manager = Manager(store: Store(), environment: .live, epoch: 1) { _ in }
    let poller: NodePoller

    static func with(
        patience: Duration = .seconds(20), _ body: @escaping @Sendable (Polled) async throws -> Void
    ) async throws {
        let polled = Polled(patience)
        let worker = Worker(
            node: node, runtimes: [], environment: .live,
            inventory: {
                Node(
                    id: node, name: "one", state: .ready, capacity: Capacity(), allocated: Capacity(),
                    architecture: "x", operatingSystem: "x", version: "0", runtimes: [],
                    registeredAt: Timestamp(microseconds: 0))
            }, report: { _ in })
        await polled.manager.join(worker)
        try await withDeadline(.seconds(60), clock: LiveClock(), of: "the test") { try await body(polled) }
    }

    private init(_ patience: Duration) {
        poller = NodePoller(
            bus: bus, manager: manager, settings: NodePoller.Settings(patience: patience), environment: .live)
    }

    func node() throws -> Node { try manager.node("one") }

    /// Runs `body` while the node answers with what `read` says.
    func answering(
        _ read: @escaping @Sendable () async throws -> NodeMetrics?,
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        let responder = MetricsResponder(Self.node, on: bus, environment: .live, read: read, note: { _ in })
        let before = bus.subscriptionCount
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await responder.run() }
            while bus.subscriptionCount == before { await Task.yield() }
            defer { group.cancelAll() }
            try await body()
        }
    }
}
