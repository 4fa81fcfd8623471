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
import HTTPRouting
import Identity
import Leaders
import Telemetry

/// What a platform's process has for as long as it lives, whether it leads or stands by.
struct PlatformBase: Sendable {
    let endpoint: ListeningEndpoint
    let rpc: RPCEndpoint?
    let data: DataDirectory
    let logger: Logger
    let loops: EventLoopGroup
    let door: HTTPDoor
    let database: any Database
    /// Whether other managers may use the database, too; else this process has it for itself.
    let isShared: Bool
    /// What the database is called in messages.
    let place: String
    let node: NodeID
    let token: BearerToken
    let stops: ProcessStops
}

// One manager leads for as long as it lives; of several each leads or stands by, in turn.
extension PlatformProcess {
    func runPeriods(_ base: PlatformBase) async throws {
        guard base.isShared else {
            let epoch = try await LeadershipStore(base.database).seize(applicant(base))
            let period = LeadershipPeriod(epoch: epoch)
            return try await lead(base, period)
        }
        try ManagerAddress(configuration, base.endpoint).check()
        try await ManagerMembership(
            applicant: applicant(base), database: base.database, place: base.place,
            source: try PlatformSecrets.source(configuration, variables, ownKey: base.data.secretsKey),
            keepsObjectsApart: (configuration[PlatformSettings.objectsEnabled]
                || PlatformImages.isEnabled(configuration))
                && configuration[PlatformSettings.objectsDirectory] == nil,
            environment: environment
        ).establish(invitation, authorities: authorities)
        let keeper = LeadershipKeeper(
            LeadershipStore(base.database), manager: base.node, lease: try leadershipLease(),
            environment: environment, version: VersionCommand.version,
            address: { base.door.url }, note: { base.logger.warning($0) })
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
                try await leadAmongOthers(base, period, keeper)
                base.logger.info(
                    "this manager leads no longer",
                    ["epoch": .integer(epoch), "reason": .text(period.stop.current ?? "")])
            } else if !period.isOver {
                try await standBy(base, period, keeper)
            }
            return true
        } catch let error as ApolloError where isPassing(error.kind) && base.stops.reason == nil {
            // What never worked is for a person to mend: a port that is taken, a key that is missing.
            guard base.door.server != nil || period.isOver || keeper.view.problem != nil else {
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

    /// Leads until the period is over. A call of the database that is under way then is given up, unless what was decided is still
    /// to be stored: over a cut network it would keep the term from ending.
    private func leadAmongOthers(
        _ base: PlatformBase, _ period: LeadershipPeriod, _ keeper: LeadershipKeeper
    ) async throws {
        let database = AbandonableDatabase(base.database)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let reason = try await period.stop.value()
                guard base.stops.reason == nil else { return }
                database.giveUp(
                    ApolloError(
                        .unavailable, "this manager leads no longer: \(reason)",
                        hint: "try again; another manager answers"))
            }
            defer { group.cancelAll() }
            try await lead(base, period, keeper, on: database)
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
}

// What a leader has besides because there may be others.
extension PlatformProcess {
    /// Answers as leader, for as long as this process may take itself for it; afterwards as who stands by.
    func leading(
        _ base: PlatformBase, _ epoch: Int64, _ keeper: LeadershipKeeper?, _ leader: HTTPDoor.Answerer
    ) -> HTTPDoor.Answerer {
        guard let keeper else { return leader }
        let standby = standby(base, keeper)
        return HTTPDoor.Answerer(
            handler: { request in
                try await (keeper.epoch == epoch ? leader : standby).handler(request)
            }, problem: leader.problem)
    }

    /// Why requests that are under way are given up; nil while the term lasts.
    func ending(_ base: PlatformBase, _ period: LeadershipPeriod) -> ApolloError? {
        let hint = "try again in a few seconds; a change may be made all the same: give it an Idempotency-Key"
        if let reason = base.stops.reason {
            return ApolloError(.unavailable, "this manager ends (\(reason))", hint: hint)
        }
        return period.stop.current.map {
            ApolloError(.unavailable, "this manager leads no longer: \($0)", hint: hint)
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
            limiter: JoinLimiter(clock: environment.clock), ownAddress: { base.door.url },
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
