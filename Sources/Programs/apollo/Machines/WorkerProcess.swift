import Arguments
import ClusterModel
import Concurrency
import Configuration
import Core
import Discovery
import DockerRuntimes
import EventLoops
import Glibc
import HealthProbes
import Machines
import NodeMessages
import NodePolls
import NodeServices
import ProcessRuntimes
import RPC
import RPCModel
import TaskRuntimes
import Telemetry
import Terminal
import Workers

/// A worker alone in this process: puts the parts together, runs them, and takes them apart.
struct WorkerProcess: Sendable {
    let configuration: ResolvedConfiguration
    let variables: [String: String]
    let output: Output
    let invitation: WorkerInvitation?
    let name: String
    let labels: [String: String]
    let authorities: String?

    private let environment = Environment.live
    private let log = QueuedLogSink(FileDescriptorLogSink.standardError)

    init(
        configuration: ResolvedConfiguration, variables: [String: String], output: Output,
        invitation: WorkerInvitation?, name: String, labels: [String: String], authorities: String?
    ) {
        self.configuration = configuration
        self.variables = variables
        self.output = output
        self.invitation = invitation
        self.name = name
        self.labels = labels
        self.authorities = authorities
    }

    func run() async throws -> ExitStatus {
        try await log.flushing(within: .seconds(1), clock: environment.clock, runAll)
    }

    private func runAll() async throws -> ExitStatus {
        let data = try DataDirectory(preparing: configuration[PlatformSettings.dataDirectory] + "/worker")
        let lock = try WorkerLock(data.path)
        defer { lock.release() }
        let logger = Logger(
            configuration, environment: environment, sink: log)
        for warning in configuration.warnings { logger.warning(warning) }
        let membership = try await WorkerMembership.establish(
            in: data.path, invitation: invitation, name: name, authorities: authorities,
            environment: environment)
        try checkReach(membership)
        let poller = RPCPoller(name: "worker")
        let loops = try EventLoopGroup(count: 1, name: "worker")
        do {
            let status = try await run(data, membership, logger, poller, loops)
            _ = await loops.stop()
            await poller.stop()
            return status
        } catch {
            _ = await loops.stop()
            await poller.stop()
            throw error
        }
    }

    /// A manager elsewhere cannot call a worker that listens on loopback.
    private func checkReach(_ membership: WorkerMembership) throws {
        let address = configuration[PlatformSettings.workerAddress]
        let manager = WorkerInvitation.host(of: membership.address)
        guard WorkerInvitation.isLoopback(address), !WorkerInvitation.isLoopback(manager) else { return }
        throw ApolloError(
            .invalid, "the manager at \(manager) could not call this worker on \(address)",
            hint: "give --listen with an address of this machine that the manager reaches, or 0.0.0.0")
    }

    private func run(
        _ data: DataDirectory, _ membership: WorkerMembership, _ logger: Logger, _ poller: RPCPoller,
        _ loops: EventLoopGroup
    ) async throws -> ExitStatus {
        let node = try NodeIdentity.load(from: data.path, environment: environment)
        let name = try membership.name()
        membership.managers.complain { logger.warning($0) }
        let link = ManagerLink(membership, poller: poller, environment: environment)
        let relay = ReportRelay { logger.warning($0) }
        let secrets = SecretDelivery(
            source: RegistrySecrets { try await link.calls() },
            directory: try PlatformSecrets.directory(variables, data, node.text, logger), node: name)
        let gpus = try GPUSettings.watch(configuration, clock: environment.clock, logger)
        await gpus.look()
        let inventory = NodeInventory(
            dataDirectory: data.path, maximumTasks: 10_000, version: VersionCommand.version,
            registeredAt: environment.wallClock.now, labels: labels,
            address: try NodeAddress.given(configuration),
            ports: try NodePorts.read(configuration), gpus: { gpus.gpus })
        let machine: @Sendable () -> Node = {
            var machine = inventory.read(id: node)
            machine.name = name
            return machine
        }
        let prober = try NetworkProber(environment: environment)
        let address = configuration[PlatformSettings.workerAddress]
        let mirror = ServiceMirror()
        let names = try await NameService.make(
            configuration, data: data.path,
            Viewer(node: node, address: machine().address ?? Self.advertised(address), isLocal: false),
            loops: loops, environment: environment
        ) { mirror.table }
        if let names { try output.write("DNS: \(names.text)\n") }
        let disconnects = Latch<DisconnectGuard>()
        let worker = Worker(
            node: node,
            runtimes: try RuntimeSet.make(
                configuration, variables: variables, data: data, instance: node.text,
                environment: environment),
            environment: environment, secrets: secrets, mounts: try NodeMounts.read(configuration),
            volumes: VolumeDirectory(path: data.volumes), prober: prober,
            logRetention: RuntimeSet.logs(configuration), inventory: machine,
            metrics: NodeMetricsReader(
                dataDirectory: data.path, clock: environment.wallClock, gpus: gpus),
            gpus: gpus,
            variables: { names?.variables(of: $0) ?? [:] },
            report: { relay.report(disconnects.current?.adjusted($0) ?? $0) })
        let guardian = try GuardFile.make(
            data.path, node: node, environment: environment, stop: { worker.perform($0) },
            note: { logger.warning($0) })
        disconnects.set(guardian)
        let epochs = try EpochFile.guarding(data.path)
        let registering = Latch<RegistrationKeeper>()
        let server = WorkerServer(
            worker: worker, relay: relay, epochs: epochs, version: VersionCommand.version,
            clock: environment.clock, disconnects: guardian, services: { mirror.apply($0) },
            ended: { registering.current?.hurry() }
        ) { $0?.uris.contains("apollo://local/service/\(NodeDoor.service)") ?? false }
        let certificates = try RPCServerCertificates(membership.certificates)
        let rpc = RPCServer(
            [server.service],
            configuration: RPCServerConfiguration(
                endpoints: [
                    .init(
                        .tcp(address, configuration[PlatformSettings.workerPort]), certificates: certificates)
                ], environment: environment), poller: poller)
        guard case .tcp(_, let port)? = try rpc.start().first else {
            throw ApolloError(.internal, "the worker listens nowhere")
        }
        let keeper = RegistrationKeeper(
            RegistrationKeeper.Identity(
                incarnation: environment.random.next(), host: Self.advertised(address), port: port),
            environment: environment,
            describe: {
                var described = machine()
                described.metrics = await worker.metrics()
                return described
            }, epochs: epochs, dial: { try await link.dial() },
            managers: { membership.managers.learn($0) },
            granted: { guardian.granted(until: $0) },
            note: { logger.warning($0) })
        registering.set(keeper)
        let door = try WorkerDoor.make(
            configuration, worker, membership, loops: loops, environment: environment, logger: logger
        ) { address in
            try PrivateFile.write(address + "\n", to: data.address)
            try output.write("HTTP: \(address)\n")
        }
        let renewal = MembershipRenewal(membership, certificates, door.certificate, link, environment, logger)
        var parts: [any Service] = [
            WorkerRun(worker: worker, disconnects: guardian), CallService(server: rpc),
            RegistrationService(keeper: keeper, renewal: renewal) {
                try output.write(
                    "Apollo \(VersionCommand.version) works as '\(name)' for \(membership.address)\n")
            },
        ]
        if let names { parts.insert(names, at: 0) }
        parts.append(door.service)
        let bus = try PlatformBus.make(
            configuration, name: "apollo worker \(name)", environment: environment,
            note: { logger.warning($0) })
        if let bus {
            parts.append(BusService(bus: bus))
            parts.append(
                AnswerService(
                    responder: MetricsResponder(
                        node, on: bus, environment: environment, read: { await worker.metrics() },
                        note: { logger.warning($0) })))
        }
        let services = ServiceGroup(parts, environment: environment) {
            logger.error("a part of the worker does not end", ["part": .text($0)])
        }
        let signals = try await Signals.catching([.interrupt, .terminate], on: loops.next())
        let reason: String
        do { reason = try await services.run { try await signals.next().name } } catch {
            await signals.close()
            throw error
        }
        await signals.close()
        try output.write("Apollo is down (\(reason)); tasks run on\n")
        return .success
    }

    /// What the manager is told to call; nothing where the worker listens everywhere, for the manager sees where it comes from.
    private static func advertised(_ address: String) -> String {
        address == "0.0.0.0" || address == "::" || address == "[::]" ? "" : address
    }
}
