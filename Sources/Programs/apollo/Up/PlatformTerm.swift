import APIServers
import AccountServices
import AuditStorage
import Authorities
import Buses
import ClusterModel
import Concurrency
import Configuration
import Core
import Discovery
import HTTPRouting
import HTTPServers
import Identity
import ImageServices
import Jobs
import Leaders
import Machines
import ManagerAPI
import ManagerRPC
import Managers
import ObjectServices
import RPCServices
import Registries
import Scheduling
import ServiceDirectories
import TaskDecisions
import Telemetry
import Terminal
import TraceExport
import Tracing
import Workers

// A term, in which this manager leads.
extension PlatformProcess {
    /// Leads until `period` is over: everything of the platform, made anew from what is stored.
    ///
    /// - Parameters:
    ///   - shared: the database that other managers may use, too, until it is given up; nil for that of this process alone.
    func lead(
        _ base: PlatformBase, _ period: LeadershipPeriod, _ keeper: LeadershipKeeper? = nil,
        on shared: AbandonableDatabase? = nil
    ) async throws {
        let (endpoint, rpc, data, logger, loops) = (
            base.endpoint, base.rpc, base.data, base.logger, base.loops
        )
        let (token, node, epoch) = (base.token, base.node, period.epoch ?? 0)
        let database = FencedDatabase(
            shared ?? base.database, epoch: epoch, isRemote: base.isShared
        ) { keeper?.doubt(epoch, $0) }
        let labels = try NodeLabels.parse(configuration[PlatformSettings.nodeLabels] ?? "")
        let store = DatabaseTaskStore(database)
        let bus = LocalBus(environment: environment)
        let nats = try PlatformBus.make(
            configuration, name: "apollo manager", environment: environment, note: { logger.warning($0) })
        let machines: any Bus = nats ?? bus
        let manager = Manager(
            store: store, nodes: DatabaseNodeStore(database), volumes: DatabaseVolumeStore(database),
            environment: environment, epoch: epoch,
            configuration: Manager.Configuration(
                limits: TaskCore.Limits(
                    unfinished: Int(configuration[PlatformSettings.tasksMaximum]),
                    attemptsKept: Int(configuration[PlatformSettings.tasksAttempts]),
                    lossGrace: configuration[PlatformSettings.nodesGrace]),
                retention: configuration[PlatformSettings.tasksRetention],
                tasksKept: Int(configuration[PlatformSettings.tasksKept]),
                policy: SchedulingPolicy(rawValue: configuration[PlatformSettings.schedulerPolicy].rawValue)
                    ?? .hybrid),
            bus: bus
        ) { logger.warning($0) }
        try await manager.load()
        let jobs = JobKeeper(
            store: JobStore(database), cluster: ManagedCluster(manager), environment: environment,
            retention: JobRetention(
                age: configuration[PlatformSettings.jobsRetention],
                jobs: Int(configuration[PlatformSettings.jobsKept]),
                requestAge: configuration[PlatformSettings.jobsRequests]),
            bus: bus
        ) { logger.warning($0) }
        try await jobs.load()
        let directory = ServiceDirectory(manager: manager, jobs: jobs)
        let traces = Traces(configuration, environment: environment, logger)
        let secrets = try await PlatformSecrets(
            configuration, variables: variables, data: data, instance: node.text, database: database,
            environment: environment, logger: logger)
        let tls = try await ServerTLS.make(
            endpoint, data, secrets.authorities, shown: base.door.certificate, environment: environment,
            logger)
        let names =
            scope.runsTasks
            ? try await NameService.make(
                configuration, data: data.path,
                Viewer(node: node, address: try NodeAddress.own(configuration), isLocal: false), loops: loops,
                environment: environment, table: { directory.table }) : nil
        let gpus = try GPUSettings.watch(configuration, clock: environment.clock, logger)
        if scope.runsTasks { await gpus.look() }
        let worker =
            scope.runsTasks
            ? try worker(node, labels, data, manager, secrets, traces?.tracer, names, gpus) : nil
        var door: NodeDoor?
        if !scope.isStoreAlone, !scope.runsTasks || configuration[PlatformSettings.nodesEnabled] {
            door = try await NodeDoor(
                configuration, data: data, epoch: epoch, manager: manager, directory: directory,
                // Over a network the workers answer themselves.
                secrets: secrets, bus: nats == nil ? bus : nil, environment: environment, logger: logger
            ) { keeper?.view.addresses ?? [] }
            door?.registry.awaitNodes(except: scope.runsTasks ? node : nil)
        } else {
            // No other can join.
            for other in manager.knownNodes where other != node {
                _ = manager.lose(other, because: "other machines do not join here (nodes.enabled)")
            }
        }
        let poller = try poller(machines, isNetwork: nats != nil, manager)
        let rebalancer = Rebalancer(
            manager: manager, jobs: jobs,
            settings: Rebalancer.Settings(
                isEnabled: configuration[PlatformSettings.rebalanceEnabled],
                moves: Int(configuration[PlatformSettings.rebalanceMoves]),
                pause: configuration[PlatformSettings.rebalancePause]),
            environment: environment, note: { logger.info($0) })
        let metrics = MetricsRegistry()
        traces?.register(in: metrics)
        PlatformMetrics.register(log, in: metrics)
        PlatformMetrics.register(loops, in: metrics)
        PlatformMetrics.register(base.door, in: metrics)
        PlatformMetrics.register(manager, database, in: metrics)
        NodeFamilies.register(manager, environment.wallClock, in: metrics)
        if let keeper { PlatformMetrics.register(keeper, in: metrics) }
        if let nats { PlatformBus.register(nats, in: metrics) }
        let runningRPC = RunningRPC()
        let debug = DebugRoutes(
            environment: environment, loops: loops, database: database, manager: manager, worker: worker,
            bus: bus, tracer: traces?.tracer, door: base.door, rpc: runningRPC)
        let identity = try await PlatformIdentity(
            configuration, token: token, database: database,
            projects: try await store.projects().union(jobs.projects()),
            environment: environment)
        try await admitAdministrators(base, identity)
        if let judge = tls?.judge { identity.accounts.access.update { $0.certificates = judge } }
        let api = APIRouter(
            environment: environment, access: identity.accounts.access, audit: DatabaseAuditSink(database),
            metrics: metrics, logger: logger, version: VersionCommand.version, isSecure: endpoint.isSecure,
            tracer: traces?.tracer, ending: { ending(base, period) })
        let objects = try await PlatformObjects(
            configuration, base, database, secrets.keys, identity.accounts, environment: environment)
        let images = try PlatformImages(
            configuration, objects, identity.accounts, environment: environment)
        let sinks = ServerSinks(
            audit: api.audit, metrics: metrics, logger: logger, refusals: api.refusals)
        let registry = images.server(sinks, isSecure: endpoint.isSecure)
        let admission = TaskAdmission(
            manager: manager, environment: environment,
            allowsProcesses: configuration[PlatformSettings.processEnabled])
        let router = try router(
            keeper, api, manager, bus, identity, admission, data, base, database, secrets, poller,
            debug.routes + NodeDoor.routes(door) + DiscoveryRoutes(jobs, directory, environment).routes
                + VolumeRoutes(manager).routes + RebalanceRoutes(rebalancer).routes
                + managerRoutes(base, database, secrets.authorities, identity, keeper), jobs, objects, images)
        try await noteLead(base, epoch, DatabaseAuditSink(database))
        let calls = rpc.map { endpoint in
            UserCalls(
                endpoint: endpoint,
                door: RPCDoor(
                    environment: environment, access: api.access,
                    sinks: RPCDoor.Sinks(
                        audit: api.audit, metrics: metrics, logger: logger, tracer: api.tracer,
                        refusals: api.refusals),
                    rules: TaskCalls.rules.merging(ServerDescription.rules) { own, _ in own }),
                tasks: TaskCalls(manager: manager, admission: admission), manager: manager,
                tls: tls?.materials, environment: environment, running: runningRPC
            ) { address in
                try PrivateFile.write(address + "\n", to: data.rpcAddress)
                try output.write("RPC: \(address)\n")
            }
        }
        let server = HTTPService(
            door: base.door,
            answerer: leading(
                base, epoch, keeper,
                HTTPDoor.Answerer(
                    handler: { request in
                        if let registry, ImageServer.owns(request) { return await registry.handle(request) }
                        return await router.handle(request)
                    }, problem: router.refuse)),
            certificate: tls?.certificate, next: { next(base, keeper) }
        ) { address in
            keeper?.moved()
            try PrivateFile.write(address + "\n", to: data.address)
            try welcome(address, data, manager, names)
        }
        var parts: [any Service] = []
        if let traces { parts.append(traces.exporter) }
        parts += [
            secrets.service, ManagerService(manager: manager), DirectoryService(directory: directory),
            JobsService(jobs: jobs),
            Sweeping(
                accounts: identity.accounts, audit: DatabaseAuditSink(database),
                auditRetention: configuration[PlatformSettings.auditRetention], environment: environment,
                logger: logger),
        ]
        if let nats { parts.append(BusService(bus: nats)) }
        if let worker { parts.append(service(worker, manager, machines, logger)) }
        if let names { parts.append(names) }
        if let door { parts.append(door) }
        parts += [PollService(poller: poller), RebalanceService(rebalancer: rebalancer)]
        if let tls { parts.append(tls) }
        parts.append(server)
        if let calls { parts.append(calls) }
        if let service = objects.service(
            sinks, certificate: tls?.certificate,
            announce: { address in
                try PrivateFile.write(address + "\n", to: data.objectsAddress)
                try output.write("Objects: \(address)\n")
            })
        {
            parts.append(service)
        }
        if let service = images.service(logger) { parts.append(service) }
        let services = ServiceGroup(
            parts,
            environment: environment
        ) { logger.error("a part of the platform does not end", ["part": .text($0)]) }
        if let tls { base.stops.onHangUp { await tls.refresh(asked: true) } }
        defer { base.stops.onHangUp(nil) }
        try await services.run(until: base.stops.stopping(period.stop))
        guard let reason = base.stops.reason else { return }
        PrivateFile.remove(data.address)
        PrivateFile.remove(data.rpcAddress)
        PrivateFile.remove(data.objectsAddress)
        try farewell(reason, manager)
    }
}
