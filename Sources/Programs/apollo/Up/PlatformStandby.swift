import Authorities
import Concurrency
import Core
import KeyRings
import Leaders
import TLS
import Telemetry
import Terminal

// A time in which this manager stands by.
extension PlatformProcess {
    func standBy(
        _ base: PlatformBase, _ period: LeadershipPeriod, _ keeper: LeadershipKeeper
    ) async throws {
        var parts: [any Service] = []
        var certificate = base.door.certificate
        let shown = Latch<TLSMaterials>()
        if base.endpoint.isSecure {
            // What has never been shown has to be there before anybody is answered.
            let known = certificate == nil ? try await serverTLS(base) : nil
            certificate = known?.certificate ?? certificate
            parts.append(
                StandbyTLS(known: known, stops: base.stops, logger: base.logger, shown: shown) {
                    try await serverTLS(base)
                })
        }
        let http = HTTPService(
            door: base.door, answerer: standby(base, keeper), certificate: certificate,
            next: { next(base, keeper) }
        ) { address in
            keeper.moved()
            try PrivateFile.write(address + "\n", to: base.data.address)
            let leader =
                keeper.view.leader.map { manager in
                    "; '\(manager.name)' leads" + (manager.address.isEmpty ? "" : ", at \(manager.address)")
                } ?? ""
            try output.write("Apollo \(VersionCommand.version) stands by at \(address)\(leader)\n")
        }
        parts.append(http)
        if let endpoint = base.rpc {
            parts.append(
                StandbyCalls(
                    endpoint: endpoint, tls: base.endpoint.isSecure ? shown : nil, environment: environment,
                    notice: { StandbyNotice(keeper) }
                ) { try PrivateFile.write($0 + "\n", to: base.data.rpcAddress) })
        }
        let services = ServiceGroup(parts, environment: environment) {
            base.logger.error("a part of the platform does not end", ["part": .text($0)])
        }
        try await services.run(until: base.stops.stopping(period.stop))
    }

    /// Who answers while this manager does not lead.
    func standby(_ base: PlatformBase, _ keeper: LeadershipKeeper) -> HTTPDoor.Answerer {
        let metrics = MetricsRegistry()
        PlatformMetrics.register(log, in: metrics)
        PlatformMetrics.register(base.loops, in: metrics)
        PlatformMetrics.register(base.door, in: metrics)
        PlatformMetrics.register(keeper, in: metrics)
        let standby = Standby(keeper: keeper, metrics: metrics, token: base.token, environment: environment)
        return HTTPDoor.Answerer(handler: { standby.answer($0) }, problem: standby.refuse)
    }

    /// Who answers when a period is over: between two of them as in one of standing by. Nobody where the process ends.
    func next(_ base: PlatformBase, _ keeper: LeadershipKeeper?) -> HTTPDoor.Answerer? {
        base.stops.reason == nil ? keeper.map { standby(base, $0) } : nil
    }

    private func serverTLS(_ base: PlatformBase) async throws -> ServerTLS? {
        let keys = try await KeyRing.open(
            try PlatformSecrets.source(configuration, variables, ownKey: base.data.secretsKey),
            base.database, environment: environment)
        return try await ServerTLS.make(
            base.endpoint, base.data, AuthorityStore(base.database, keys: keys, environment: environment),
            shown: base.door.certificate, environment: environment, base.logger)
    }
}
