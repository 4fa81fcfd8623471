public import ClusterModel
import Concurrency
public import Core
public import NodeMessages
public import RPCModel
import TaskDecisions
import TaskRuntimes
public import Workers

/// A worker as managers on other machines call it.
public struct WorkerServer: WorkerService {
    private let worker: any NodeConnection
    private let relay: ReportRelay
    private let epochs: EpochGuard
    private let version: String
    private let clock: any MonotonicClock
    private let disconnects: DisconnectGuard?
    private let services: (@Sendable (ServiceUpdate) -> Void)?
    private let logs = OpenLogs()
    /// Told when a session has ended that none has taken the place of.
    private let ended: @Sendable () -> Void
    /// Who may call: whom the certificate names.
    private let isAllowed: @Sendable (RPCPeerIdentity?) -> Bool

    /// - Parameters:
    ///   - relay: where `worker` reports to.
    ///   - clock: what says whether reports come so fast that they wait for one another.
    ///   - disconnects: what stops attempts while this worker is cut off.
    ///   - services: told where the tasks of the platform answer.
    ///   - ended: told when a session has ended, and none has taken its place.
    ///   - isAllowed: whether who shows this certificate is a manager of the platform.
    public init(
        worker: any NodeConnection, relay: ReportRelay, epochs: EpochGuard, version: String,
        clock: any MonotonicClock,
        disconnects: DisconnectGuard? = nil, services: (@Sendable (ServiceUpdate) -> Void)? = nil,
        ended: @escaping @Sendable () -> Void = {},
        isAllowed: @escaping @Sendable (RPCPeerIdentity?) -> Bool
    ) {
        self.worker = worker
        self.relay = relay
        self.epochs = epochs
        self.version = version
        self.clock = clock
        self.disconnects = disconnects
        self.services = services
        self.isAllowed = isAllowed
        self.ended = ended
    }

    private func admit(_ epoch: Int64, _ context: RPCContext) throws {
        guard isAllowed(context.identity) else {
            throw RPCError(
                .permissionDenied, "only the platform's manager gives orders to a worker",
                hint: "use the platform's API")
        }
        try epochs.check(epoch)
    }

    public func session(
        _ requests: RPCReader<Order>, to responses: RPCWriter<Report>, context: RPCContext
    ) async throws {
        guard case .hello(let hello)? = try await requests.next()?.kind else {
            throw RPCError(.invalidArgument, "a session begins with a hello")
        }
        try admit(hello.epoch, context)
        guard hello.node == worker.node.text else {
            throw RPCError(
                .failedPrecondition, "this is node \(worker.node), and not \(hello.node.prefix(40))",
                hint: "another worker has taken its address; it will register again")
        }
        // A hello is no lease: whether the manager hears the welcome, and counts on this worker again, nobody here knows before its
        // first order, or the next registration.
        let greeted = disconnects?.now
        let lease = try hello.lease()
        let session = relay.begin()
        do {
            try await responses.write(
                Report(
                    kind: .welcome(
                        Welcome(version: version, capability: [SessionCapability.batches]))))
            try await run(session, requests, responses, capabilities: hello.capability) {
                guard let greeted else { return }
                disconnects?.proven(by: greeted, lease: lease)
            }
        } catch {
            await end(session)
            throw error
        }
        await end(session)
    }

    private func end(_ session: Mailbox<NodeReport>) async {
        if relay.end(session) { ended() }
        await logs.closeAll()
    }

    private func run(
        _ session: Mailbox<NodeReport>, _ requests: RPCReader<Order>, _ responses: RPCWriter<Report>,
        capabilities: [String], _ ordered: () -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let mayBatch = capabilities.contains(SessionCapability.batches)
                var pace = ReportPace(at: clock.now)
                while var batch = try await session.nextBatch() {
                    if mayBatch, let wait = pace.wait(with: batch.count, at: clock.now) {
                        try await clock.sleep(for: wait)
                        batch += session.takeNow()
                    }
                    for report in Report.together(batch.map { Report($0) }, for: capabilities) {
                        try await responses.write(report)
                    }
                }
                // The manager then ends the call; who does not is found out by its heartbeats.
                let reason = "another session has begun, or this one was too slow"
                try await responses.write(Report(kind: .goodbye(reason)))
            }
            while let message = try await requests.next() {
                for order in try message.apart() { try obey(order, session, ordered) }
            }
            session.close()
            group.cancelAll()
        }
    }

    private func obey(_ order: Order, _ session: Mailbox<NodeReport>, _ ordered: () -> Void) throws {
        if let update = try order.serviceUpdate() {
            return relay.obey(session) { services?(update) }
        }
        guard let directive = try order.directive(on: worker.node) else { return }
        relay.obey(session) {
            ordered()
            switch disconnects?.admit(directive) ?? .perform(directive) {
            case .perform(let directive): worker.perform(directive)
            case .report(let report): if !session.send(report) { session.close() }
            }
        }
    }

    public func describe(_ request: Asking, context: RPCContext) async throws -> Description {
        try admit(request.epoch, context)
        return Description(await worker.describe())
    }

    public func refresh(_ request: Asking, context: RPCContext) async throws -> Done {
        try admit(request.epoch, context)
        await worker.refresh()
        return Done()
    }

    public func measure(_ request: Asking, context: RPCContext) async throws -> Measurement {
        try admit(request.epoch, context)
        return Measurement(try await worker.metrics())
    }

    public func list(_ request: Asking, context: RPCContext) async throws -> Attempts {
        try admit(request.epoch, context)
        let found = await worker.attempts()
        return Attempts(disconnects?.adjusted(found) ?? found)
    }

    public func usage(_ request: PlaceQuery, context: RPCContext) async throws -> UsageAnswer {
        try admit(request.epoch, context)
        let place = try place(request.place)
        let usage = try await toldErrors { try await worker.usage(place) }
        return UsageAnswer(usage: usage.map { Usage($0) })
    }

    public func removeVolume(_ request: VolumeQuery, context: RPCContext) async throws -> Done {
        try admit(request.epoch, context)
        try await toldErrors { try await worker.remove(VolumeID(request.name, in: request.project)) }
        return Done()
    }

    public func openLog(_ request: LogRequest, context: RPCContext) async throws -> LogHandle {
        try admit(request.epoch, context)
        let place = try place(request.place)
        let reader = try await toldErrors { try await worker.logs(place, request.query()) }
        do {
            return LogHandle(epoch: request.epoch, reader: try logs.add(reader))
        } catch {
            await reader.close()
            throw error
        }
    }

    public func readLog(_ request: LogHandle, context: RPCContext) async throws -> LogPieces {
        try admit(request.epoch, context)
        return LogPieces(pieces: try await logs.next(request.reader).map { LogPiece($0) })
    }

    public func closeLog(_ request: LogHandle, context: RPCContext) async throws -> Done {
        try admit(request.epoch, context)
        await logs.close(request.reader)
        return Done()
    }

    public func exec(
        _ requests: RPCReader<ExecInputPiece>, to responses: RPCWriter<ExecNews>, context: RPCContext
    ) async throws {
        guard case .order(let order)? = try await requests.next()?.kind else {
            throw RPCError(.invalidArgument, "the first message says which program")
        }
        try admit(order.epoch, context)
        let (place, request) = (try place(order.place), try order.request())
        try await toldErrors {
            try await worker.exec(place, request) { try await relay($0, requests, responses) }
        }
    }

    private func place(_ place: Place?) throws -> AttemptPlace {
        guard let place else { throw RPCError(.invalidArgument, "place is missing") }
        return try place.attemptPlace(on: worker.node)
    }

    private func toldErrors<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        do { return try await body() } catch let error as RuntimeError { throw error.asApolloError }
    }
}
