import APIServers
import AuditStorage
import Authorities
import Buses
import ClusterModel
import Configuration
import Core
import Databases
import HTTPRouting
import HealthProbes
import IdentityAPI
import Jobs
import Leaders
import Machines
import ManagerAPI
import ManagerPages
import Managers
import NodePolls
import Telemetry
import Tracing
import Workers

// What a term is made of.
extension PlatformProcess {
    func router(
        _ keeper: LeadershipKeeper?, _ api: APIRouter, _ manager: Manager, _ bus: any Bus,
        _ identity: PlatformIdentity, _ admission: TaskAdmission, _ data: DataDirectory,
        _ base: PlatformBase, _ database: any Database, _ secrets: PlatformSecrets, _ poller: NodePoller,
        _ more: [Route<Caller>], _ jobs: JobKeeper, _ objects: PlatformObjects,
        _ images: PlatformImages
    ) throws -> Router<Caller> {
        let routes = ManagerRoutes.routes(
            manager: manager, bus: bus, environment: environment, metrics: api.metrics,
            version: VersionCommand.version, admission: admission,
            exec: ExecLimits(
                sessions: configuration[PlatformSettings.execSessions],
                idle: configuration[PlatformSettings.execIdle]),
            measure: { try await poller.ask($0) },
            revokeNode: { [authorities = secrets.authorities] in try await authorities.revoke(node: $0) },
            answersOriginalPaths: scope == .manager,
            leader: { keeper.flatMap { ManagersRoutes.leader($0.view) } })
        let backups = BackupRoutes(
            // A copy of the file itself: nothing that a term of leadership guards.
            backup: PlatformBackup(
                data: data, place: try DatabasePlace(configuration), database: base.database,
                objects: PlatformBackup.Objects(
                    path: configuration[PlatformSettings.objectsDirectory] ?? data.objects,
                    store: objects.store),
                environment: environment),
            data: data)
        return api.router(
            routes + JobRoutes(jobs, admission).routes + secrets.routes + objects.routes + images.routes
                + backups.routes
                + identity.routes(
                    api.browsers, DatabaseAuditSink(database), manager, secrets.store, jobs, objects, images)
                + identity.pages(manager, jobs).routes + more,
            tags: ManagerRoutes.tags + (scope == .manager ? [ManagerRoutes.originalTag] : []) + JobRoutes.tags
                + DiscoveryRoutes.tags + VolumeRoutes.tags + PlatformSecrets.tags + PlatformObjects.tags
                + PlatformImages.tags
                + [BackupRoutes.tag]
                + IdentityRoutes.tags)
    }

    func service(_ worker: Worker, _ manager: Manager, _ bus: any Bus, _ logger: Logger) -> WorkerService {
        WorkerService(
            worker: worker, manager: manager,
            responder: MetricsResponder(
                worker.node, on: bus, environment: environment, read: { await worker.metrics() },
                note: { logger.warning($0) }))
    }

    func poller(_ bus: any Bus, isNetwork: Bool, _ manager: Manager) throws -> NodePoller {
        let interval = configuration[PlatformSettings.nodesPoll]
        guard interval >= .milliseconds(200), interval <= .seconds(3600) else {
            throw ApolloError(
                .invalid, "nodes.poll is \(interval.short), and has to be 0.2 s to an hour",
                hint: "leave it out for 5 s")
        }
        var settings = NodePoller.Settings(interval: interval)
        if isNetwork {
            settings.hint = "does its worker run, with the same bus.url and bus.prefix as this manager?"
        }
        return NodePoller(bus: bus, manager: manager, settings: settings, environment: environment)
    }

    func worker(
        _ node: NodeID, _ labels: [String: String], _ data: DataDirectory, _ manager: Manager,
        _ secrets: PlatformSecrets, _ tracer: Tracer?, _ names: NameService?, _ gpus: GPUWatch
    ) throws -> Worker {
        let inventory = NodeInventory(
            dataDirectory: data.path, maximumTasks: 10_000, version: VersionCommand.version,
            registeredAt: environment.wallClock.now, labels: labels,
            address: try NodeAddress.own(configuration),
            ports: try NodePorts.read(configuration), gpus: { gpus.gpus })
        return Worker(
            node: node,
            runtimes: try RuntimeSet.make(
                configuration, variables: variables, data: data, instance: node.text,
                environment: environment),
            environment: environment, secrets: secrets.delivery(node: inventory.read(id: node).name),
            mounts: try NodeMounts.read(configuration), volumes: VolumeDirectory(path: data.volumes),
            prober: try NetworkProber(environment: environment), tracer: tracer,
            logRetention: RuntimeSet.logs(configuration),
            inventory: { inventory.read(id: node) },
            metrics: NodeMetricsReader(
                dataDirectory: data.path, clock: environment.wallClock, gpus: gpus),
            gpus: gpus,
            variables: { names?.variables(of: $0) ?? [:] },
            report: { manager.receive($0, from: node) })
    }
}
