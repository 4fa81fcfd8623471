import Concurrency
import Core
import ManagerRPC
import RPC
import RPCModel
import RPCServices
import TLS

/// gRPC of a manager that stands by: it is not healthy, and says who leads to every call. Its callers go on to another of the
/// addresses they have.
struct StandbyCalls: Service {
    let name = "rpc"
    let endpoint: RPCEndpoint
    /// What is shown in TLS, once that is there; nil where there is no TLS.
    let tls: Latch<TLSMaterials>?
    let environment: Environment
    let notice: @Sendable () -> StandbyNotice
    /// Told the address once it is listened on.
    let announce: @Sendable (String) throws -> Void

    func run(_ context: ServiceContext) async throws {
        let identity = try await identity(context)
        guard tls == nil || identity != nil else { return }
        let poller = RPCPoller(name: "rpc")
        let description = ServerDescription(services: ["apollo.v1.Tasks"], files: [.apolloV1Tasks])
        let notice = notice
        let configuration = RPCServerConfiguration(
            endpoints: [.init(endpoint.address, certificates: try identity?.callCertificates())],
            environment: environment)
        let server = RPCServer(
            [TasksElsewhere(notice: notice).service] + description.services, configuration: configuration,
            poller: poller)
        do {
            for address in try server.start() { try announce(endpoint.reached(address)) }
            context.markReady()
            try await context.waitForDrain()
        } catch {
            description.health.finish()
            await server.shutdown(deadline: .zero)
            await poller.stop()
            throw error
        }
        description.health.finish()
        // No call takes long here.
        await server.shutdown(deadline: .zero)
        await poller.stop()
    }

    /// What to show: while the database is away that may not be known yet. Nil where this ends before it is.
    private func identity(_ context: ServiceContext) async throws -> TLSMaterials? {
        guard let tls else { return nil }
        if let known = tls.current { return known }
        context.markReady()
        return try await withThrowingTaskGroup(of: TLSMaterials?.self) { group in
            group.addTask { try await tls.value() }
            group.addTask {
                try await context.waitForDrain()
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }
}

/// The tasks of another manager: who asks for them here is told where they are.
private struct TasksElsewhere: TasksService {
    let notice: @Sendable () -> StandbyNotice

    private var elsewhere: RPCError {
        let notice = notice()
        return RPCError(.unavailable, notice.message, hint: notice.hint)
    }

    func get(_ request: GetTaskRequest, context: RPCContext) async throws -> TaskInfo { throw elsewhere }

    func list(_ request: ListTasksRequest, context: RPCContext) async throws -> ListTasksResponse {
        throw elsewhere
    }

    func watch(
        _ request: WatchTaskRequest, to responses: RPCWriter<TaskEvent>, context: RPCContext
    ) async throws { throw elsewhere }

    func create(_ request: CreateTaskRequest, context: RPCContext) async throws -> TaskInfo {
        throw elsewhere
    }

    func stop(_ request: StopTaskRequest, context: RPCContext) async throws -> TaskInfo { throw elsewhere }

    func remove(_ request: RemoveTaskRequest, context: RPCContext) async throws -> RemoveTaskResponse {
        throw elsewhere
    }
}
