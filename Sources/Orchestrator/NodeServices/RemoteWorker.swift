public import ClusterModel
import Concurrency
public import Core
import NodeMessages
public import RPCModel
public import TaskDecisions
public import TaskRuntimes
public import Workers

/// A worker on another machine, as long as one session with it lasts. After a cut there is another, and the manager settles
/// what happened meanwhile as after a start of its own (``NodeConnection/attempts()``).
public final class RemoteWorker: NodeConnection {
    public struct Settings: Sendable {
        /// How often each end gives a sign of life; three that are missing end the session.
        public var heartbeat: RPCHeartbeat
        /// How long a question may take.
        public var patience: Duration
        /// How long the worker's registration holds.
        public var lease: Duration
        /// How far the worker's clock is ahead of the manager's: what it says of times is put right by that.
        public var clockAhead: Duration

        public init(
            heartbeat: RPCHeartbeat, patience: Duration = .seconds(20), lease: Duration,
            clockAhead: Duration = .zero
        ) {
            self.heartbeat = heartbeat
            self.patience = patience
            self.lease = lease
            self.clockAhead = clockAhead
        }
    }

    public let node: NodeID
    private let client: WorkerClient
    private let epoch: Int64
    private let settings: Settings
    private let registered: Node
    private let report: @Sendable ([NodeReport]) -> Void
    private let orders = Mailbox<Order>("orders to a worker", capacity: 1 << 17)
    /// Opened when the session cannot go on.
    private let broken = Latch<RPCError>()

    /// - Parameters:
    ///   - registered: the node as it registered.
    ///   - report: Called in order, from one task at a time, once the session is joined, with the reports that came together.
    public init(
        _ registered: Node, calls: any RPCCalling, epoch: Int64, settings: Settings,
        report: @escaping @Sendable ([NodeReport]) -> Void
    ) {
        node = registered.id
        self.registered = registered
        client = WorkerClient(calls)
        self.epoch = epoch
        self.settings = settings
        self.report = report
    }

    /// Begins a session, has `join` take the node in, and carries orders and reports until the session breaks, which it throws,
    /// or the task is cancelled. What the worker reports is held back until `join` is done: its list of what the machine has
    /// may be older.
    ///
    /// - Parameter services: what is new of where tasks answer, waited for; first all of it.
    public func run(
        services: (@Sendable () async throws -> ServiceUpdate)? = nil,
        _ join: @escaping @Sendable () async -> Void
    ) async throws {
        defer { orders.close() }
        try await client.session(options: RPCCallOptions(heartbeat: settings.heartbeat)) { sender, reports in
            let hello = Hello(
                epoch: epoch, node: node.text, leaseMs: settings.lease.inMicroseconds / 1000,
                capability: [SessionCapability.batches])
            try await sender.write(Order(kind: .hello(hello)))
            guard case .welcome(let welcome)? = try await reports.next()?.kind else {
                throw RPCError(.unavailable, "the worker did not answer the hello")
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    while let batch = try await self.orders.nextBatch() {
                        for order in Order.together(batch, for: welcome.capability) {
                            try await sender.write(order)
                        }
                    }
                    throw RPCError(.resourceExhausted, "the worker takes its orders too slowly")
                }
                group.addTask { throw try await self.broken.value() }
                if let services {
                    group.addTask {
                        while true {
                            for order in Order.services(try await services()) {
                                try await self.orders.sendWaiting(order)
                            }
                        }
                    }
                }
                group.addTask {
                    await join()
                    while let message = try await reports.next() { try self.receive(message) }
                    throw RPCError(.unavailable, "the worker has ended the session")
                }
                defer { group.cancelAll() }
                try await group.next()
            }
        }
    }

    /// What came before a goodbye counts.
    private func receive(_ message: Report) throws {
        var all: [NodeReport] = []
        defer { if !all.isEmpty { report(all) } }
        for report in try message.apart() {
            all += try report.reports().map { $0.shifted(by: .zero - settings.clockAhead) }
        }
    }

    // MARK: The connection

    public func describe() async -> Node {
        do {
            var node = try await client.describe(Asking(epoch: epoch), options: options).node()
            // What it is called says its certificate, and not itself.
            (node.id, node.name, node.address) = (self.node, registered.name, registered.address)
            return node
        } catch {
            fail(error)
            return registered
        }
    }

    public func refresh() async {
        do {
            _ = try await client.refresh(Asking(epoch: epoch), options: options)
        } catch {
            fail(error)
        }
    }

    public func attempts() async -> [RuntimeKind: [FoundAttempt]] {
        do {
            return try await client.list(Asking(epoch: epoch), options: options).found()
                .mapValues { $0.map { $0.shifted(by: .zero - settings.clockAhead) } }
        } catch {
            fail(error)
            return [:]
        }
    }

    public func perform(_ directive: Directive) {
        guard let order = Order(directive) else { return }
        // Who orders more than fits, or when it is over, begins anew: the next session settles it.
        if !orders.send(order) { orders.close() }
    }

    public func logs(_ place: AttemptPlace, _ query: LogQuery) async throws -> any LogReader {
        do {
            let request = LogRequest(query, of: place, epoch: epoch)
            return RemoteLogReader(client, try await client.openLog(request, options: options))
        } catch {
            throw RemoteLogReader.failure(error)
        }
    }

    public func metrics() async throws -> NodeMetrics? {
        do {
            return try await client.measure(Asking(epoch: epoch), options: options).metrics()
        } catch let error as RPCError where error.code == .unimplemented {
            return nil  // A worker of the version before tells with its registrations alone.
        }
    }

    public func usage(_ place: AttemptPlace) async throws -> AttemptUsage? {
        do {
            let query = PlaceQuery(epoch: epoch, place: Place(place))
            return try await client.usage(query, options: options).usage?.attemptUsage()
        } catch {
            throw RemoteLogReader.failure(error)
        }
    }

    public func remove(_ volume: VolumeID) async throws {
        do {
            let query = VolumeQuery(epoch: epoch, project: volume.project, name: volume.name)
            _ = try await client.removeVolume(query, options: RPCCallOptions(timeout: .seconds(600)))
        } catch {
            throw RemoteLogReader.failure(error)
        }
    }

    public func exec(
        _ place: AttemptPlace, _ request: ExecRequest,
        _ use: @escaping @Sendable (any ExecSession) async throws -> Void
    ) async throws {
        do {
            try await client.exec(options: RPCCallOptions(heartbeat: settings.heartbeat)) { pieces, news in
                let order = ExecOrder(request, of: place, epoch: epoch)
                try await pieces.write(ExecInputPiece(kind: .order(order)))
                guard case .started? = try await news.next()?.kind else {
                    throw RPCError(.unavailable, "it did not say that the program runs")
                }
                try await use(RemoteExec(pieces: pieces, news: news))
            }
        } catch let error as RPCError {
            throw RemoteExec.failure(error)
        }
    }

    private var options: RPCCallOptions { RPCCallOptions(timeout: settings.patience) }

    /// A question without an answer: the session is given up, and the next one asks again.
    private func fail(_ error: any Error) {
        broken.set(error as? RPCError ?? RPCError(.unavailable, "the worker's answer is wrong: \(error)"))
    }
}

/// Reads a log on another machine, one call for each batch.
final class RemoteLogReader: LogReader {
    private let client: WorkerClient
    private let handle: LogHandle

    init(_ client: WorkerClient, _ handle: LogHandle) {
        self.client = client
        self.handle = handle
    }

    func next() async throws(RuntimeError) -> [LogRecord]? {
        do {
            let pieces = try await client.readLog(handle).pieces
            return try pieces.isEmpty ? nil : pieces.map { try $0.record() }
        } catch {
            throw Self.failure(error)
        }
    }

    func close() async {
        // Where it does not arrive, the end of the session closes it.
        _ = try? await client.closeLog(handle, options: RPCCallOptions(timeout: .seconds(5)))
    }

    /// What the failure of a call is to who reads of a runtime.
    static func failure(_ error: any Error) -> RuntimeError {
        let failure = RPCStatus.failure(error)
        switch failure.code {
        case .notFound: return .unknownAttempt
        case .cancelled: return .cancelled
        case .resourceExhausted: return .exhausted(failure.message, hint: failure.hint)
        case .unavailable, .deadlineExceeded, .aborted:
            return .unavailable(
                "the task's node does not answer: \(failure.message)",
                hint: failure.hint ?? "see 'apollo node ls'")
        default: return .failed(failure.message)
        }
    }
}
