import APIServers
import AccountServices
import AuditStorage
import Authorities
import ClusterModel
import Concurrency
import Configuration
import Core
import Cryptography
import Databases
import EventLoops
import Glibc
import HTTPModel
import HTTPRouting
import HTTPServers
import Identity
import KeyRings
import Leaders
import Synchronization
import TLS
import Telemetry
import Terminal

/// What a platform's process has for as long as it lives, whether it leads or stands by.
struct PlatformBase: Sendable {
    let endpoint: ListeningEndpoint
    let rpc: RPCEndpoint?
    let data: DataDirectory
    let logger: Logger
    let loops: EventLoopGroup
    let database: any Database
    /// Whether other managers may use the database, too; else this process has it for itself.
    let isShared: Bool
    /// What the database is called in messages.
    let place: String
    let node: NodeID
    let token: BearerToken
    let stops: ProcessStops
    let bound = BoundAddress()
}

/// Where the API is listened on, once it was: in the next period it is the same.
final class BoundAddress: Sendable {
    private let state = Mutex<(address: SocketAddress, url: String)?>(nil)

    var address: SocketAddress? { state.withLock { $0?.address } }
    /// Where others reach it; empty before it is listened on.
    var url: String { state.withLock { $0?.url ?? "" } }

    func set(_ address: SocketAddress, url: String) { state.withLock { $0 = (address, url) } }

    private let shown = Mutex<TLSCertificate?>(nil)

    /// The certificate that was shown last: while the database is away there is no other.
    var certificate: TLSCertificate? { shown.withLock { $0 } }

    func keep(_ certificate: TLSCertificate?) { shown.withLock { $0 = certificate } }
}

// One manager leads for as long as it lives; of several each leads or stands by, in turn.
extension PlatformProcess {
    func runPeriods(_ base: PlatformBase) async throws {
        guard base.isShared else {
            let epoch = try await LeadershipStore(base.database).seize(applicant(base))
            let period = LeadershipPeriod(epoch: epoch)
            return try await lead(base, period, nil)
        }
        let advertised = try ManagerAddress(configuration, base.endpoint)
        try advertised.check()
        try await ManagerMembership(
            applicant: applicant(base), database: base.database, place: base.place,
            source: try PlatformSecrets.source(configuration, variables, ownKey: base.data.secretsKey),
            environment: environment
        ).establish(invitation, authorities: authorities)
        let keeper = LeadershipKeeper(
            LeadershipStore(base.database), manager: base.node, lease: try leadershipLease(),
            environment: environment, version: VersionCommand.version,
            address: { base.bound.url }, note: { base.logger.warning($0) })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await keeper.run() }
            group.addTask {
                _ = try await base.stops.asked()
                keeper.resign()
            }
            defer { group.cancelAll() }
            try await follow(base, keeper)
        }
    }

    private func follow(_ base: PlatformBase, _ keeper: LeadershipKeeper) async throws {
        var failure: (any Error)?
        while let period = try await keeper.next() {
            do {
                while try await !pass(base, period, keeper) {
                    try await environment.clock.sleep(for: .milliseconds(500))
                }
            } catch {
                failure = error
                keeper.resign()
            }
            keeper.ended(period)
        }
        if let failure { throw failure }
    }

    /// Leads, or stands by, until the period is over; false where it is not, and to be tried again.
    private func pass(
        _ base: PlatformBase, _ period: LeadershipPeriod, _ keeper: LeadershipKeeper
    ) async throws -> Bool {
        do {
            if let epoch = period.epoch {
                base.logger.info("this manager leads", ["epoch": .integer(epoch)])
                try await leadThenStandBy(base, period, keeper)
                base.logger.info(
                    "this manager leads no longer",
                    ["epoch": .integer(epoch), "reason": .text(period.stop.current ?? "")])
            } else if !period.isOver {
                try await standBy(base, period, keeper)
            }
            return true
        } catch let error as ApolloError where isPassing(error.kind) && base.stops.reason == nil {
            // What never worked is for a person to mend: a port that is taken, a key that is missing.
            guard base.bound.address != nil || period.isOver || keeper.view.problem != nil else {
                throw error
            }
            base.logger.warning(
                "this manager cannot go on as it is, and tries again",
                ["reason": .text("\(error)"), "leads": .text(period.epoch == nil ? "no" : "yes")])
            guard period.epoch != nil else { return period.isOver }
            // A term that broke off is over; the next, of this manager or another, begins with what is stored.
            try await environment.clock.sleep(for: .milliseconds(500))
            return true
        }
    }

    /// Whether it may be over by itself: the database was away, or another manager leads.
    private func isPassing(_ kind: ErrorKind) -> Bool {
        switch kind {
        case .unavailable, .deadline, .exhausted, .cancelled: true
        default: false
        }
    }

    private func leadershipLease() throws -> Duration {
        let lease = configuration[PlatformSettings.managerLease]
        guard lease >= .seconds(1), lease <= .seconds(60) else {
            throw ApolloError(
                .invalid, "manager.lease is \(lease.short), and has to be a second to a minute",
                hint: "leave it out for 5 s")
        }
        return lease
    }

    func applicant(_ base: PlatformBase) -> LeadershipStore.Applicant {
        LeadershipStore.Applicant(
            id: base.node, name: configuration[PlatformSettings.managerName] ?? Self.hostName,
            version: VersionCommand.version, tokenHash: base.token.hash.hex)
    }

    private static var hostName: String {
        var names = utsname()
        uname(&names)
        let text = withUnsafeBytes(of: &names.nodename) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        return String(text.prefix { $0 != "." }).lowercased()
    }

    // MARK: Standing by

    /// Leads; and where the term ends slowly, because the database is away, answers meanwhile as who stands by.
    private func leadThenStandBy(
        _ base: PlatformBase, _ period: LeadershipPeriod, _ keeper: LeadershipKeeper
    ) async throws {
        let (closed, between) = (Concurrency.Latch<Void>(), LeadershipPeriod(epoch: nil))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer {
                    between.stop.set("the term has ended")
                    closed.open()
                }
                try await lead(base, period, keeper, closed: closed)
            }
            group.addTask {
                try await closed.wait()
                guard base.stops.reason == nil, period.isOver, !between.isOver else { return }
                try await standBy(base, between, keeper, isBetween: true)
            }
            try await group.waitForAll()
        }
    }

    private func certificate(_ base: PlatformBase, isBetween: Bool) async throws -> ServerTLS? {
        guard base.endpoint.isSecure, !isBetween else { return nil }
        do {
            let keys = try await KeyRing.open(
                try PlatformSecrets.source(configuration, variables, ownKey: base.data.secretsKey),
                base.database, environment: environment)
            return try await ServerTLS.make(
                base.endpoint, base.data,
                AuthorityStore(base.database, keys: keys, environment: environment),
                environment: environment, base.logger)
        } catch  where base.bound.certificate != nil {
            base.logger.warning(
                "the server's certificate stays as it is while this manager stands by",
                ["reason": .text("\(error)")])
            return nil
        }
    }

    private func standBy(
        _ base: PlatformBase, _ period: LeadershipPeriod, _ keeper: LeadershipKeeper, isBetween: Bool = false
    ) async throws {
        let metrics = MetricsRegistry()
        PlatformMetrics.register(log, in: metrics)
        PlatformMetrics.register(base.loops, in: metrics)
        PlatformMetrics.register(keeper, in: metrics)
        let standby = Standby(keeper: keeper, metrics: metrics, token: base.token, environment: environment)
        let tls = try await certificate(base, isBetween: isBetween)
        let advertised = try ManagerAddress(configuration, base.endpoint)
        let server = HTTPService(
            endpoint: base.endpoint, certificate: tls?.certificate ?? base.bound.certificate,
            loops: base.loops,
            environment: environment, logger: base.logger, metrics: metrics, running: RunningServer(),
            handler: { standby.answer($0) }, problem: standby.refuse, bound: base.bound,
            advertised: advertised
        ) { address in
            if let tls { base.bound.keep(tls.certificate) }
            try PrivateFile.write(address + "\n", to: base.data.address)
            keeper.moved()
            let leader =
                keeper.view.leader.map { manager in
                    "; '\(manager.name)' leads" + (manager.address.isEmpty ? "" : ", at \(manager.address)")
                } ?? ""
            try output.write("Apollo \(VersionCommand.version) stands by at \(address)\(leader)\n")
        }
        var parts: [any Service] = []
        if let tls { parts.append(tls) }
        parts.append(server)
        let services = ServiceGroup(parts, environment: environment) {
            base.logger.error("a part of the platform does not end", ["part": .text($0)])
        }
        if let tls { base.stops.onHangUp { await tls.refresh(asked: true) } }
        defer { base.stops.onHangUp(nil) }
        try await services.run(until: base.stops.stopping(period.stop))
    }
}

// What a leader has besides because there may be others.
extension PlatformProcess {
    /// Answers as leader, for as long as this process may take itself for it; afterwards as who stands by.
    func leading(
        _ base: PlatformBase, _ epoch: Int64, _ keeper: LeadershipKeeper?, _ metrics: MetricsRegistry,
        _ answer: @escaping @Sendable (HTTPRequest) async -> HTTPResponse
    ) -> HTTPServer.Handler {
        guard let keeper else { return { await answer($0) } }
        let standby = Standby(keeper: keeper, metrics: metrics, token: base.token, environment: environment)
        return { request in
            guard keeper.epoch == epoch else { return standby.answer(request) }
            return await answer(request)
        }
    }

    /// Whoever administers a manager's machine administers the platform.
    func admitAdministrators(_ base: PlatformBase, _ identity: PlatformIdentity) async throws {
        for hash in try await LeadershipStore(base.database).tokenHashes() { Self.admit(hash, identity) }
    }

    private static func admit(_ hash: String, _ identity: PlatformIdentity) {
        guard let digest = SHA256Digest(hex: hash) else { return }
        identity.accounts.access.update {
            $0.authenticator.add(StoredToken(hash: digest, principal: .localAdministrator))
        }
    }

    func managerRoutes(
        _ base: PlatformBase, _ database: FencedDatabase, _ authorities: AuthorityStore,
        _ identity: PlatformIdentity, _ keeper: LeadershipKeeper?
    ) -> [Route<Caller>] {
        ManagersRoutes(
            database: database, authorities: authorities, keeper: keeper,
            limiter: JoinLimiter(clock: environment.clock), ownAddress: { base.bound.url },
            admit: { Self.admit($0, identity) }
        ).routes
    }

    /// The audit has each change of who leads.
    func noteLead(_ base: PlatformBase, _ epoch: Int64, _ audit: DatabaseAuditSink) async throws {
        guard base.isShared else { return }
        let name = applicant(base).name
        try await audit.record(
            AuditRecord(
                time: environment.wallClock.now, principal: "service://local/manager", action: "takeLead",
                resource: "\(try Resources.nodes())", outcome: .succeeded,
                reason: "the manager '\(name)' leads, with epoch \(epoch)",
                requestID: environment.identifier(of: AttemptKind.self).text, peer: "local"))
    }
}
