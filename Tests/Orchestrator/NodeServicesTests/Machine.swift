import ClusterModel
import Concurrency
import Core
import Glibc
import Machines
import NodeMessages
import NodeServices
import RPC
import RPCModel
import TaskDecisions
import TaskRuntimes
import Testing
import Workers

/// A machine with a worker, and the two ways of a manager to it: in the process, and over a network.
final class Machine: Sendable {
    enum Way: String, CaseIterable, Sendable { case near, far }

    static let node = NodeID(time: Timestamp(microseconds: 0), random: 2)
    static let launch = AttemptLaunch(
        attempt: AttemptID(time: Timestamp(microseconds: 0), random: 7),
        task: TaskID(time: Timestamp(microseconds: 0), random: 1), taskName: "job", project: "default",
        spec: TaskSpec(executable: "/bin/true"))
    static let place = AttemptPlace(
        task: launch.task, attempt: launch.attempt, node: node, runtime: .process)
    static let description = Node(
        id: node, name: "one", state: .ready, capacity: Capacity(cpuMillis: 2000), allocated: Capacity(),
        architecture: "x", operatingSystem: "x", version: "0", runtimes: [],
        registeredAt: Timestamp(microseconds: 0))

    let runtime = StagedRuntime()
    let relay = ReportRelay { _ in }
    /// What the manager is told.
    let reports = Mailbox<NodeReport>("reports", capacity: 10_000)
    let worker: Worker
    /// Where its volumes are; gone after ``running(_:)``.
    let directory: String
    let poller = RPCPoller(name: "rpc-test")
    let server: RPCServer
    let address: RPCAddress
    let epochs = EpochGuard(highest: 3) { _ in }

    /// - Parameter way: `near` reports at once to the manager, `far` through a session.
    init(_ way: Way, disconnects: DisconnectGuard? = nil) throws {
        let (relay, reports) = (relay, reports)
        var template = Array("/tmp/apollo-machine-XXXXXX".utf8CString)
        directory = try #require(mkdtemp(&template).map { String(cString: $0) })
        worker = Worker(
            node: Self.node, runtimes: [runtime], environment: .live,
            volumes: VolumeDirectory(path: directory), inventory: { Self.description },
            metrics: NodeMetricsReader(dataDirectory: "/", clock: Environment.live.wallClock),
            report: { report in
                if way == .near { _ = reports.send(report) } else { relay.report(report) }
            })
        let service = WorkerServer(
            worker: worker, relay: relay, epochs: epochs, version: "test", clock: Environment.live.clock,
            disconnects: disconnects
        ) { _ in true }
        server = RPCServer(
            [service.service],
            configuration: RPCServerConfiguration(
                endpoints: [.init(.tcp("127.0.0.1", 0))], environment: .live), poller: poller)
        address = try server.start()[0]
    }

    func connection(
        epoch: Int64 = 3, ahead: Duration = .zero, lease: Duration = .seconds(10)
    ) throws -> RemoteWorker {
        let channel = try RPCChannel(
            address, configuration: RPCChannelConfiguration(environment: .live), poller: poller)
        return RemoteWorker(
            Self.description, calls: channel, epoch: epoch,
            settings: RemoteWorker.Settings(
                heartbeat: RPCHeartbeat(every: .milliseconds(200)), lease: lease, clockAhead: ahead)
        ) { [reports] together in for report in together { _ = reports.send(report) } }
    }

    /// Runs `body` with a connection of the manager, in a session where it is far.
    static func with(
        _ way: Way, _ body: @escaping @Sendable (Machine, any NodeConnection) async throws -> Void
    ) async throws {
        let machine = try Machine(way)
        try await machine.running {
            guard way == .far else { return try await body(machine, machine.worker) }
            let connection = try machine.connection()
            try await machine.inSession(connection) { try await body(machine, connection) }
        }
    }

    /// Runs `body` while the worker works, at most a minute.
    func running(_ body: @escaping @Sendable () async throws -> Void) async throws {
        defer { try? DirectoryTree.remove(directory) }  // It lies in /tmp.
        try await withDeadline(.seconds(60), clock: Environment.live.clock, of: "the test") {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await self.worker.run() }
                do {
                    try await body()
                } catch {
                    group.cancelAll()
                    await self.server.shutdown(deadline: .zero)
                    throw error
                }
                group.cancelAll()
                await self.server.shutdown(deadline: .zero)
            }
        }
    }

    /// Runs `body` once the session has begun, and ends the session after it.
    func inSession(
        _ connection: RemoteWorker, _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        let joined = Latch<Void>()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await connection.run { joined.open() }
                return false
            }
            group.addTask {
                try await joined.wait()
                try await body()
                return true
            }
            defer { group.cancelAll() }
            while let isDone = try await group.next(), !isDone {}
        }
    }

    /// The next events of attempts, so many.
    func events(_ count: Int) async throws -> [AttemptEvent] {
        var events: [AttemptEvent] = []
        while events.count < count, let batch = try await reports.nextBatch() {
            for case .attempt(let event, Self.launch.attempt, Self.launch.task) in batch {
                events.append(event)
            }
        }
        return events
    }
}
