public import APIServers
import Concurrency
public import Core
public import Identity
public import RPCModel
import Synchronization
public import Telemetry
public import Tracing

/// What all calls have around them, as the routes of HTTP have: who asks, the audit, metrics, logs, traces.
///
/// A method without a rule is taken for one that changes something: it needs a token, and is recorded.
public final class RPCDoor: Sendable {
    /// What calls and their ends are told to.
    public struct Sinks: Sendable {
        public var audit: any AuditSink
        public var metrics: MetricsRegistry
        public var logger: Logger
        /// Nil where nothing is traced.
        public var tracer: Tracer?
        public var refusals: RefusalLimit

        public init(
            audit: any AuditSink, metrics: MetricsRegistry, logger: Logger, tracer: Tracer?,
            refusals: RefusalLimit
        ) {
            self.audit = audit
            self.metrics = metrics
            self.logger = logger
            self.tracer = tracer
            self.refusals = refusals
        }
    }

    /// The calls that are being answered.
    public let running = RunningCalls()
    private let environment: Environment
    private let access: AccessControl
    private let logger: Logger
    private let tracer: Tracer?
    private let auditing: CallAuditing
    private let figures: CallMetrics
    private let rules: [String: RPCRule]
    private let openStreams = Mutex(0)

    /// The most streams at once of callers whom nobody knows.
    private static let maximumOpenStreams = 1000
    /// How often a stream's token is looked at again.
    private static let interval = Duration.seconds(5)

    /// - Parameter rules: by the methods' paths.
    public init(environment: Environment, access: AccessControl, sinks: Sinks, rules: [String: RPCRule]) {
        self.environment = environment
        self.access = access
        logger = sinks.logger
        tracer = sinks.tracer
        auditing = CallAuditing(
            sink: sinks.audit, refusals: sinks.refusals, clock: environment.wallClock, logger: sinks.logger)
        figures = CallMetrics(registry: sinks.metrics, clock: environment.clock)
        self.rules = rules
    }

    /// What stands around every call.
    public var interceptor: RPCInterceptor {
        RPCInterceptor { [self] context, next in try await intercept(context, next) }
    }

    private func intercept(_ context: RPCContext, _ next: @escaping RPCInterceptor.Next) async throws {
        let rule = rules[context.path] ?? RPCRule(String(context.path.dropFirst()), .change)
        let number = running.begin(context, at: environment.clock.now)
        defer { running.end(number) }
        let start = figures.begin()
        let time = environment.wallClock.now
        let note = AuditNote()
        var failure: RPCError?
        do {
            try await note.collect {
                try await CallTracing.trace(context, by: tracer) {
                    try await self.admit(context, rule, number, next)
                }
            }
        } catch {
            failure = RPCStatus.failure(error)
        }
        let call = EndedCall(context: context, rule: rule, time: time, note: note.text, failure: failure)
        await auditing.record(call)
        figures.end(call, since: start)
        log(call, since: start)
        if let failure { throw failure }
    }

    // MARK: Who

    private func admit(
        _ context: RPCContext, _ rule: RPCRule, _ number: UInt64, _ next: @escaping RPCInterceptor.Next
    ) async throws {
        var context = context
        guard rule.kind != .open else {
            context[Caller.self] = Caller(credential: nil, access: access)
            guard context.kind != .unary else { return try await next(context) }
            return try await withOpenStream { try await next(context) }
        }
        let credential = try access.authenticate(
            authorization: try authorization(of: context), at: environment.wallClock.now)
        AuditNote.note(principal: credential.principal.description)
        running.name(number, credential.principal.description)
        context[Caller.self] = Caller(credential: credential, access: access)
        guard context.kind.responsesStream || context.kind.requestsStream else {
            return try await next(context)
        }
        try await whileValid(credential) { [context] in try await next(context) }
    }

    /// The one token that was sent; two of them would be read as either.
    private func authorization(of context: RPCContext) throws -> String? {
        let sent = context.metadata.entries.filter { $0.name == "authorization" }
        guard sent.count <= 1 else {
            throw ApolloError(
                .unauthenticated, "the call has \(sent.count) entries 'authorization'",
                hint: "send one: Bearer TOKEN")
        }
        return sent.first?.text
    }

    private func withOpenStream(_ body: () async throws -> Void) async throws {
        let isOneTooMany = openStreams.withLock { count in
            guard count < Self.maximumOpenStreams else { return true }
            count += 1
            return false
        }
        if isOneTooMany {
            throw ApolloError(
                .exhausted, "\(Self.maximumOpenStreams) streams without a token are open",
                hint: "try again later")
        }
        defer { openStreams.withLock { $0 -= 1 } }
        try await body()
    }

    /// Runs a stream, and ends it when its token is revoked or expires meanwhile.
    private func whileValid(
        _ credential: Credential, _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await body() }
            group.addTask { [access, environment] in
                while access.isValid(credential, at: environment.wallClock.now) {
                    try await environment.clock.sleep(for: Self.interval)
                }
                throw ApolloError(
                    .unauthenticated, "the token of \(credential.principal) is not good any more",
                    hint: "log in again")
            }
            // Whichever ends first: the stream, well or badly, or the token.
            try await group.next()
            group.cancelAll()
        }
    }

    // MARK: What is told

    private func log(_ call: EndedCall, since start: MonotonicInstant) {
        if let failure = call.failure, failure.kind == .internal {
            logger.error(
                "a call failed",
                ["error": .text(failure.message), "request": .text(call.context.requestID)])
        }
        guard logger.level <= .debug else { return }
        logger.debug(
            "a call was answered",
            [
                "method": .text(call.method), "status": .text(call.code.name),
                "seconds": .init(start.duration(to: environment.clock.now)), "peer": .text(call.peer),
                "request": .text(call.context.requestID),
            ])
    }
}
