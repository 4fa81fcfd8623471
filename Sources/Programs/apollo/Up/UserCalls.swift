import APIServers
import Concurrency
import Configuration
import Core
import ManagerRPC
import Managers
import RPC
import RPCServices
import Synchronization
import TLS
import Telemetry

/// gRPC for programs of users: what is served, at an address of its own, once HTTP answers.
struct UserCalls: Service {
    let name = "rpc"
    let endpoint: RPCEndpoint
    let door: RPCDoor
    let tasks: TaskCalls
    let manager: Manager
    /// Nil where there is no TLS.
    let tls: TLSMaterials?
    let environment: Environment
    /// Told the server once it listens.
    let running: RunningRPC
    /// Told the address once it is listened on.
    let announce: @Sendable (String) throws -> Void

    /// How often it is looked whether calls can be answered as they should be.
    private static let interval = Duration.seconds(1)

    func run(_ context: ServiceContext) async throws {
        // Made here and not before: the start to HTTP's first answer does not wait for it.
        let poller = RPCPoller(name: "rpc")
        let description = ServerDescription(services: ["apollo.v1.Tasks"], files: [.apolloV1Tasks])
        var configuration = RPCServerConfiguration(
            endpoints: [.init(endpoint.address, certificates: try tls?.callCertificates())],
            interceptors: [door.interceptor], environment: environment)
        configuration.keepAlive = RPCKeepAlive(after: endpoint.keepAlive, timeout: endpoint.keepAlive / 2)
        let server = RPCServer(
            [tasks.service] + description.services, configuration: configuration, poller: poller)
        do {
            for address in try server.start() { try announce(endpoint.reached(address)) }
        } catch {
            await poller.stop()
            throw error
        }
        running.set(server, door.running)
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await watchHealth(description.health) }
                context.markReady()
                try await context.waitForDrain()
                group.cancelAll()
            }
        } catch {
            description.health.finish()
            await server.shutdown(deadline: .zero)
            await poller.stop()
            throw error
        }
        description.health.finish()
        // Streams of followers never end by themselves: they are cut when calls have had their time.
        await server.shutdown(deadline: .seconds(2))
        await poller.stop()
    }

    /// Ends by cancellation.
    private func watchHealth(_ health: Health) async throws {
        while true {
            health.set(isServing: manager.storageProblem == nil)
            try await environment.clock.sleep(for: Self.interval)
        }
    }
}

extension TLSMaterials {
    /// What calls show: the same as HTTP, and renewed with it. Clients prove who they are by tokens.
    func callCertificates() throws -> RPCServerCertificates {
        let certificates = try RPCServerCertificates(RPCCertificates(identity: current.identity))
        observe { try certificates.replace(RPCCertificates(identity: $0.identity)) }
        return certificates
    }
}

/// The server of calls, once it runs.
final class RunningRPC: Sendable {
    private let state = Mutex<(server: RPCServer, calls: RunningCalls)?>(nil)

    var current: (server: RPCServer, calls: RunningCalls)? { state.withLock { $0 } }

    func set(_ server: RPCServer, _ calls: RunningCalls) { state.withLock { $0 = (server, calls) } }
}
