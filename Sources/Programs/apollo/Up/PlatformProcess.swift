import APIServers
import AccountServices
import Arguments
import AuditStorage
import Authorities
import Buses
import ClusterModel
import Concurrency
import Configuration
import Core
import Databases
import Discovery
import EventLoops
import Glibc
import HTTPRouting
import HTTPServers
import HealthProbes
import Identity
import IdentityAPI
import Jobs
import Leaders
import ManagerAPI
import ManagerPages
import ManagerRPC
import Managers
import RPCServices
import Registries
import SQLiteDatabases
import Scheduling
import ServiceDirectories
import TaskDecisions
import Telemetry
import Terminal
import TraceExport
import Tracing
import Workers

/// The whole platform in this process: puts the parts together, runs them, and takes them apart.
struct PlatformProcess: Sendable {
    let configuration: ResolvedConfiguration
    let variables: [String: String]
    let output: Output

    let environment = Environment.live
    let log = QueuedLogSink(FileDescriptorLogSink.standardError)

    /// Whether tasks run in this process, too; without it machines have to join.
    private let hasWorker: Bool
    /// What lets it join as a further manager; nil where it is the first, or is in already.
    let invitation: WorkerInvitation?
    /// A file of those to trust for the manager that it joins at.
    let authorities: String?

    init(
        configuration: ResolvedConfiguration, variables: [String: String], output: Output,
        hasWorker: Bool = true, invitation: WorkerInvitation? = nil, authorities: String? = nil
    ) {
        self.hasWorker = hasWorker
        self.invitation = invitation
        self.authorities = authorities
        self.configuration = configuration
        self.variables = variables
        self.output = output
    }

    func run() async throws -> ExitStatus {
        do {
            return try await log.flushing(within: .seconds(1), clock: environment.clock, runAll)
        } catch let error as DatabaseError {
            // Such as a disk too full for what the start writes, which is no fault of ours.
            throw error.asApolloError
        }
    }

    private func runAll() async throws -> ExitStatus {
        let endpoint = try ListeningEndpoint(configuration)
        let rpc = try RPCEndpoint(configuration, beside: endpoint)
        let data = try DataDirectory(preparing: configuration[PlatformSettings.dataDirectory])
        let logger = Logger(configuration, environment: environment, sink: log)
        for warning in configuration.warnings { logger.warning(warning) }
        let loops = try EventLoopGroup()
        let place = try DatabasePlace(configuration)
        if case .file = place, invitation != nil {
            throw ApolloError(
                .conflict, "the state would be in SQLite, which one manager alone can use",
                hint: "give the PostgreSQL database of the other manager: --database (database.url)")
        }
        let lock = try place.lock(data)
        defer { lock?.release() }
        let database = try await place.openMigrated(in: data, environment: environment)
        do {
            let stops = ProcessStops()
            // At a terminal a hang-up means that the terminal is gone, and ends the platform as ever.
            let reloads = endpoint.isSecure && isatty(STDIN_FILENO) == 0
            let signals = try await Signals.catching(
                reloads ? [.interrupt, .terminate, .hangUp] : [.interrupt, .terminate], on: loops.next())
            let base = PlatformBase(
                endpoint: endpoint, rpc: rpc, data: data, logger: logger, loops: loops, database: database,
                isShared: place.isShared, place: "\(place)",
                node: try NodeIdentity.load(from: data.path, environment: environment),
                token: try AdminTokenFile.loadOrCreate(in: data.path), stops: stops)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await stops.run(signals) }
                defer { group.cancelAll() }
                try await runPeriods(base)
            }
            await signals.close()
            await database.close()
            _ = await loops.stop()
            return .success
        } catch {
            await database.close()
            _ = await loops.stop()
            throw error
        }
    }

    /// Leads until `period` is over: everything of the platform, made anew from what is stored.
    /// - Parameter closed: opened when nobody is answered any more; then the rest of the term ends.
    func lead(
        _ base: PlatformBase, _ period: LeadershipPeriod, _ keeper: LeadershipKeeper?,
        closed: Concurrency.Latch<Void> = Concurrency.Latch()
    ) async throws {
        let (endpoint, rpc, data, logger, loops) = (
            base.endpoint, base.rpc, base.data, base.logger, base.loops
        )
        let (token, node, epoch) = (base.token, base.node, period.epoch ?? 0)
        // One that hands over stores what it has decided; one that has lost the lead cannot.
        let database = FencedDatabase(
            base.database, epoch: epoch, isRemote: base.isShared,
            isOver: { period.isOver && base.stops.reason == nil }
        ) { keeper?.doubt(epoch, $0) }
        let labels = try NodeLabels.parse(configuration[PlatformSettings.nodeLabels] ?? "")
        let store = DatabaseTaskStore(database)
        let bus = LocalBus(environment: environment)
        let manager = Manager(
            store: store, nodes: DatabaseNodeStore(database), environment: environment, epoch: epoch,
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
            endpoint, data, secrets.authorities, environment: environment, logger)
        let names =
            hasWorker
            ? try await NameService.make(
                configuration, data: data.path,
                Viewer(node: node, address: try NodeAddress.own(configuration), isLocal: false), loops: loops,
                environment: environment, table: { directory.table }) : nil
        let worker =
            hasWorker ? try worker(node, labels, data, manager, secrets, traces?.tracer, names) : nil
        var door: NodeDoor?
        if !hasWorker || configuration[PlatformSettings.nodesEnabled] {
            door = try await NodeDoor(
                configuration, data: data, epoch: epoch, manager: manager, directory: directory,
                secrets: secrets, environment: environment, logger: logger
            ) { keeper?.view.addresses ?? [] }
            door?.registry.awaitNodes(except: hasWorker ? node : nil)
        }
        let metrics = MetricsRegistry()
        traces?.register(in: metrics)
        PlatformMetrics.register(log, in: metrics)
        PlatformMetrics.register(loops, in: metrics)
        PlatformMetrics.register(manager, database, in: metrics)
        if let keeper { PlatformMetrics.register(keeper, in: metrics) }
        let (running, runningRPC) = (RunningServer(), RunningRPC())
        let debug = DebugRoutes(
            environment: environment, loops: loops, database: database, manager: manager, worker: worker,
            bus: bus,
            tracer: traces?.tracer, server: running, rpc: runningRPC)
        let identity = try await PlatformIdentity(
            configuration, token: token, database: database,
            projects: try await store.projects().union(jobs.projects()),
            environment: environment)
        try await admitAdministrators(base, identity)
        if let judge = tls?.judge { identity.accounts.access.update { $0.certificates = judge } }
        let api = APIRouter(
            environment: environment, access: identity.accounts.access, audit: DatabaseAuditSink(database),
            metrics: metrics, logger: logger, version: VersionCommand.version, isSecure: endpoint.isSecure,
            tracer: traces?.tracer)
        let admission = TaskAdmission(
            manager: manager, environment: environment,
            allowsProcesses: configuration[PlatformSettings.processEnabled])
        let router = try router(
            keeper, api, manager, bus, identity, admission, data, base, database, secrets,
            debug.routes + NodeDoor.routes(door) + DiscoveryRoutes(jobs, directory, environment).routes
                + managerRoutes(base, database, secrets.authorities, identity, keeper), jobs)
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
            endpoint: endpoint, certificate: tls?.certificate, loops: loops, environment: environment,
            logger: logger, metrics: metrics,
            running: running, handler: leading(base, epoch, keeper, metrics) { await router.handle($0) },
            problem: router.refuse, bound: base.bound,
            advertised: try ManagerAddress(configuration, endpoint), closed: closed
        ) { address in
            base.bound.keep(tls?.certificate)
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
        if let worker { parts.append(service(worker, manager, data)) }
        if let names { parts.append(names) }
        if let door { parts.append(door) }
        if let tls { parts.append(tls) }
        parts.append(server)
        if let calls { parts.append(calls) }
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
        try farewell(reason, manager)
    }

    private func router(
        _ keeper: LeadershipKeeper?, _ api: APIRouter, _ manager: Manager, _ bus: any Bus,
        _ identity: PlatformIdentity, _ admission: TaskAdmission, _ data: DataDirectory,
        _ base: PlatformBase, _ database: any Database, _ secrets: PlatformSecrets,
        _ more: [Route<Caller>], _ jobs: JobKeeper
    ) throws -> Router<Caller> {
        let routes = ManagerRoutes.routes(
            manager: manager, bus: bus, environment: environment, metrics: api.metrics,
            version: VersionCommand.version, admission: admission,
            exec: ExecLimits(
                sessions: configuration[PlatformSettings.execSessions],
                idle: configuration[PlatformSettings.execIdle]),
            revokeNode: { [authorities = secrets.authorities] in try await authorities.revoke(node: $0) },
            leader: { keeper.flatMap { ManagersRoutes.leader($0.view) } })
        let backups = BackupRoutes(
            // A copy of the file itself: nothing that a term of leadership guards.
            backup: PlatformBackup(
                data: data, place: try DatabasePlace(configuration), database: base.database,
                environment: environment),
            data: data)
        return api.router(
            routes + JobRoutes(jobs, admission).routes + secrets.routes + backups.routes
                + identity.routes(api.browsers, DatabaseAuditSink(database), manager, secrets.store, jobs)
                + identity.pages(manager, jobs).routes + more,
            tags: ManagerRoutes.tags + JobRoutes.tags + DiscoveryRoutes.tags + PlatformSecrets.tags + [
                BackupRoutes.tag
            ]
                + IdentityRoutes.tags)
    }

    private func service(_ worker: Worker, _ manager: Manager, _ data: DataDirectory) -> WorkerService {
        WorkerService(
            worker: worker, manager: manager,
            metrics: NodeMetricsReader(dataDirectory: data.path, clock: environment.wallClock))
    }

    private func worker(
        _ node: NodeID, _ labels: [String: String], _ data: DataDirectory, _ manager: Manager,
        _ secrets: PlatformSecrets, _ tracer: Tracer?, _ names: NameService?
    ) throws -> Worker {
        let inventory = NodeInventory(
            dataDirectory: data.path, maximumTasks: 10_000, version: VersionCommand.version,
            registeredAt: environment.wallClock.now, labels: labels,
            address: try NodeAddress.own(configuration))
        return Worker(
            node: node,
            runtimes: try RuntimeSet.make(
                configuration, variables: variables, data: data, instance: node.text,
                environment: environment),
            environment: environment, secrets: secrets.delivery(node: inventory.read(id: node).name),
            prober: try NetworkProber(environment: environment), tracer: tracer,
            logRetention: RuntimeSet.logs(configuration),
            inventory: { inventory.read(id: node) },
            variables: { names?.variables(of: $0) ?? [:] },
            report: { manager.receive($0, from: node) })
    }

    /// What a person sees when the platform can be used.
    private func welcome(
        _ address: String, _ data: DataDirectory, _ manager: Manager, _ names: NameService?
    ) throws {
        let runtimes = manager.nodes().flatMap(\.runtimes)
        var fields: [(name: String, text: String?)] = [
            ("API", address), ("Data", data.path), ("Token", data.token + " (yours alone)"),
        ]
        if let names { fields.append(("DNS", names.text)) }
        for runtime in runtimes {
            let text = runtime.isAvailable ? runtime.detail : "none: \(runtime.detail)"
            fields.append((runtime.kind == .docker ? "Containers" : "Processes", text))
        }
        let adopted = manager.counts().filter { !$0.key.isFinal }.values.reduce(0, +)
        if adopted > 0 { fields.append(("Tasks", "\(adopted) taken over")) }
        try output.write("Apollo \(VersionCommand.version) is up\n")
        try output.write(fields: fields)
        try output.write(
            hasWorker
                ? "Try: apollo task run --exec /bin/echo -- hello\n"
                : "Next: 'apollo node token create' here, then 'apollo worker --join TOKEN@ADDRESS' on other machines\n"
        )
    }

    private func farewell(_ reason: String, _ manager: Manager) throws {
        let running = manager.counts().filter { $0.key == .running || $0.key == .stopping }.values.reduce(
            0, +)
        let tasks =
            running == 0
            ? ""
            : "; \(running) \(running == 1 ? "task runs" : "tasks run") on and will be taken over by the next 'apollo up'"
        try output.write("Apollo is down (\(reason))\(tasks)\n")
    }
}
