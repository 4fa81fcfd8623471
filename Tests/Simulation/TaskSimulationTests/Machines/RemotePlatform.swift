import ClusterModel
import Core
import Managers
import Networking
import NodeMessages
import RPCModel
import Registries
import Simulation
import TaskDecisions
import TaskRuntimes

/// A manager with the registry that workers on other machines come to, as `apollo manager` runs them.
final class RemotePlatform: @unchecked Sendable {
    static let address = NetworkAddress(host: "platform", port: 7072)
    static let lease = Duration.seconds(4)

    // Confined to the simulator's thread, as all of a simulation is.
    let host: SimulatedHost
    private(set) var manager: Manager?
    private(set) var lives: Int64 = 0
    private let world: World
    private let nodes = KeptNodes()
    private let submissions: [Submission]

    init(_ world: World, _ submissions: [Submission]) {
        self.world = world
        self.submissions = submissions
        host = world.simulator.host("platform")
    }

    func start() { host.start { [unowned self] process in try await run(process) } }

    func crash() {
        manager = nil
        host.crash(.process)
    }

    private func run(_ process: SimulatedProcess) async throws {
        lives += 1
        let (simulator, epoch) = (world.simulator, lives)
        let note: @Sendable (String) -> Void = { simulator.record("manager \(epoch): \($0)") }
        let environment = process.environment
        let manager = Manager(
            store: SimulatedStore(disk: world.disk, environment: environment), nodes: nodes,
            environment: environment, epoch: epoch,
            configuration: Manager.Configuration(limits: TaskCore.Limits(lossGrace: .seconds(3))), note: note)
        try await manager.load()
        let network = process.network
        let registry = NodeRegistry(
            manager: manager, settings: NodeRegistry.Settings(lease: Self.lease, epoch: epoch),
            environment: environment, secrets: NoSecrets(), identify: { $0?.commonName ?? "" },
            dial: { name, host, port in
                SimulatedCalls(
                    network: network, clock: environment.clock,
                    address: NetworkAddress(host: host, port: port), caller: "manager")
            }, note: note)
        registry.awaitNodes(except: nil)
        self.manager = manager
        let server = SimulatedCallServer(
            services: [registry.service], network: network, clock: environment.clock)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await manager.run() }
            group.addTask { await registry.run() }
            group.addTask { try await server.run(on: Self.address) }
            // Submitted in every life, under the same keys: each is there once.
            for submission in submissions {
                group.addTask {
                    while true {
                        // Refused while no node has joined yet.
                        if (try? await manager.submit(submission)) != nil { return }
                        try await environment.clock.sleep(for: .seconds(1))
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}

/// Where nodes are kept over the manager's restarts.
final class KeptNodes: NodeStore, @unchecked Sendable {
    // Confined to the simulator's thread, as all of a simulation is.
    private var nodes: [NodeID: StoredNode] = [:]

    func load() async throws -> [StoredNode] { nodes.values.sorted { $0.node.id < $1.node.id } }
    func save(_ node: StoredNode) async throws { nodes[node.node.id] = node }
    func remove(_ node: NodeID) async throws { nodes[node] = nil }
}

struct NoSecrets: SecretSource {
    func values(
        of references: [SecretReference], for recipient: SecretRecipient
    ) async throws(RuntimeError) -> [SecretBytes] {
        throw .rejected("there are no secrets", hint: nil)
    }
}
