public import ClusterModel
public import Concurrency
public import Core
public import NodeMessages
public import RPCModel
import Synchronization

/// Keeps a worker registered: renews its lease well before it lapses, and registers again after a cut, with growing waits that
/// differ from machine to machine.
public final class RegistrationKeeper: Sendable {
    /// What the worker says of itself.
    public struct Identity: Sendable {
        public var incarnation: UInt64
        /// Empty for the address that the manager sees.
        public var host: String
        public var port: UInt16

        public init(incarnation: UInt64, host: String, port: UInt16) {
            self.incarnation = incarnation
            self.host = host
            self.port = port
        }
    }

    private let identity: Identity
    private let environment: Environment
    private let describe: @Sendable () async -> Node
    private let dial: @Sendable () async throws -> any RPCCalling
    private let note: @Sendable (String) -> Void
    private let granted: @Sendable (MonotonicInstant) -> Void
    private let managers: @Sendable ([String]) -> Void
    private let epochs: EpochGuard?
    private let lease = Mutex(Duration.seconds(10))
    private let hurries = Mailbox<Void>("reasons to register", capacity: 1)
    /// The lease, once it was granted.
    public let first = Latch<LeaseGrant>()

    /// A clock that is further off than this is told.
    private static let clockTolerance = Duration.seconds(60)

    /// - Parameters:
    ///   - describe: what the machine is and has now.
    ///   - epochs: what the manager's epoch is held against: one that was replaced grants nothing.
    ///   - managers: told where the managers' APIs answer, the one that leads first.
    ///   - granted: told until when the lease holds, counted from when it was asked for.
    ///   - dial: a way to the manager; asked for anew after every failure, for the manager may have moved.
    public init(
        _ identity: Identity, environment: Environment, describe: @escaping @Sendable () async -> Node,
        epochs: EpochGuard? = nil, dial: @escaping @Sendable () async throws -> any RPCCalling,
        managers: @escaping @Sendable ([String]) -> Void = { _ in },
        granted: @escaping @Sendable (MonotonicInstant) -> Void = { _ in },
        note: @escaping @Sendable (String) -> Void
    ) {
        self.identity = identity
        self.environment = environment
        self.describe = describe
        self.dial = dial
        self.granted = granted
        self.managers = managers
        self.epochs = epochs
        self.note = note
    }

    /// Runs until cancelled, or until it is certain at the first try that the manager will not have this worker.
    public func run() async throws {
        var backoff = Backoff(base: .milliseconds(200), cap: .seconds(5))
        var calls: (any RPCCalling)?
        var failures = 0
        var clockWarning = false
        var refusals = 0
        while !Task.isCancelled {
            do {
                if calls == nil { calls = try await dial() }
                let grant = try await register(calls!)
                if failures > 0 { note("registered again") }
                (failures, backoff) = (0, Backoff(base: .milliseconds(200), cap: .seconds(5)))
                warn(grant, &clockWarning)
                if grant.isGranted {
                    if refusals > 0, first.current != nil { note("the manager reaches this worker again") }
                    refusals = 0
                    first.set(grant)
                } else {
                    refusals += 1
                    // Some tries are usual: the manager calls back only now.
                    if refusals > 8, refusals & (refusals - 1) == 0 {
                        note("the manager does not reach this worker: \(grant.problem)")
                    }
                }
                try await rest(interval(grant))
            } catch is CancellationError {
                return
            } catch {
                if Task.isCancelled { return }
                let failure = error as? ApolloError ?? RPCStatus.failure(error).apolloError
                // What the manager refuses at the first try, a person has to mend.
                if first.current == nil, Self.isFinal(failure.kind) { throw failure }
                failures += 1
                calls = nil
                if failures & (failures - 1) == 0 {
                    note("cannot register (try \(failures)): \(failure); trying again")
                }
                guard let wait = backoff.next(random: environment.random) else { return }
                // Cancelled: the worker ends.
                guard (try? await environment.clock.sleep(for: wait)) != nil else { return }
            }
        }
    }

    private func register(_ calls: any RPCCalling) async throws -> LeaseGrant {
        let node = await describe()
        let sentAt = environment.clock.now
        let patience = lease.withLock { $0 }
        let grant = try await RegistryClient(calls).register(
            Registration(
                node, incarnation: identity.incarnation, host: identity.host, port: identity.port,
                time: environment.wallClock.now),
            // Another manager may have taken over: who does not answer is not waited for until the lease is over.
            options: RPCCallOptions(timeout: min(max(patience, .seconds(1)), .seconds(3))))
        do { try epochs?.check(grant.epoch) } catch let error as RPCError {
            // Another may be found by the next try: this is no fault of the worker's.
            throw RPCError(.unavailable, error.message)
        }
        let lease = try grant.lease()
        self.lease.withLock { $0 = lease }
        if !grant.managers.isEmpty { managers(grant.managers) }
        if grant.isGranted { granted(sentAt.advanced(by: lease)) }
        return grant
    }

    /// A third of the lease, less up to a tenth, so that machines that start together do not stay together; sooner while it is not
    /// granted.
    private func interval(_ grant: LeaseGrant) -> Duration {
        var third = Duration.milliseconds(max(30, grant.leaseMs)) / 3
        if !grant.isGranted { third = min(third, .milliseconds(250)) }
        return third * (0.9 + environment.random.unit() / 10)
    }

    /// The session with the manager has ended: it may be gone, and another may lead.
    public func hurry() { _ = hurries.send(()) }

    /// Returns after `duration`, or as soon as there is a reason to register at once.
    private func rest(_ duration: Duration) async throws {
        try await hurries.takeSignals(
            until: environment.clock.now.advanced(by: duration), clock: environment.clock)
    }

    private func warn(_ grant: LeaseGrant, _ isWarned: inout Bool) {
        let ahead = Duration.milliseconds(grant.clockAheadMs)
        let isOff = abs(ahead.inSeconds) > Self.clockTolerance.inSeconds
        if isOff, !isWarned {
            let side = ahead > .zero ? "ahead of" : "behind"
            note(
                "this machine's clock is \(Int(abs(ahead.inSeconds))) s \(side) the manager's: the times of logs are wrong; set it, such as by NTP"
            )
        }
        isWarned = isOff
    }

    private static func isFinal(_ kind: ErrorKind) -> Bool {
        switch kind {
        case .invalid, .exists, .denied, .unauthenticated, .conflict: true
        default: false
        }
    }
}
