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
import ManagerAPI
import ManagerPages
import Managers
import Tracing
import Workers

// What a term is made of.
extension PlatformProcess {
    func router(
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
            tags: ManagerRoutes.tags + JobRoutes.tags + DiscoveryRoutes.tags + VolumeRoutes.tags
                + PlatformSecrets.tags + [
                    BackupRoutes.tag
                ]
                + IdentityRoutes.tags)
    }

    func service(_ worker: Worker, _ manager: Manager, _ data: DataDirectory) -> WorkerService {
        WorkerService(
            worker: worker, manager: manager,
            metrics: NodeMetricsReader(dataDirectory: data.path, clock: environment.wallClock))
    }

    func worker(
        _ node: NodeID, _ labels: [String: String], _ data: DataDirectory, _ manager: Manager,
        _ secrets: PlatformSecrets, _ tracer: Tracer?, _ names: NameService?, _ gpus: [GPU]
    ) throws -> Worker {
        let inventory = NodeInventory(
            dataDirectory: data.path, maximumTasks: 10_000, version: VersionCommand.version,
            registeredAt: environment.wallClock.now, labels: labels,
            address: try NodeAddress.own(configuration),
            ports: try NodePorts.read(configuration), gpus: gpus)
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
            variables: { names?.variables(of: $0) ?? [:] },
            report: { manager.receive($0, from: node) })
    }
}
