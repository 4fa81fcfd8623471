import ClusterModel
import Concurrency
import Core
import Leases
import Networking
import NodeMessages
import NodeServices
import Simulation
import TaskDecisions
import Workers

/// A machine with the services that `apollo worker` runs, over the simulated network; what its worker keeps on disk outlives it.
final class RemoteMachine: @unchecked Sendable {
    static let port: UInt16 = 7100

    // Confined to the simulator's thread, as all of a simulation is.
    let machine: SimulatedMachine
    let host: SimulatedHost
    private let world: World
    private var guards: [DisconnectTable.Entry] = []
    private var epoch: Int64 = 0
    private var worker: Worker?
    private var isDiskFull = false

    init(_ machine: SimulatedMachine, _ world: World) {
        self.machine = machine
        self.world = world
        host = world.simulator.host(machine.name)
    }

    func start() { host.start { [unowned self] process in try await run(process) } }

    private func run(_ process: SimulatedProcess) async throws {
        let simulator = world.simulator
        let note: @Sendable (String) -> Void = { [name = machine.name] in simulator.record("\(name): \($0)") }
        let relay = ReportRelay(note: note)
        let environment = process.environment
        let guardian = DisconnectGuard(
            node: machine.id, entries: guards, environment: environment,
            save: { [unowned self] in try keep($0) },
            stop: { [unowned self] in self.worker?.perform($0) }, note: note)
        let description = machine.description
        let worker = Worker(
            node: machine.id, runtimes: machine.engines.map { SimulatedRuntime($0, environment) },
            environment: environment, inventory: { description },
            report: { relay.report(guardian.adjusted($0)) })
        self.worker = worker
        let epochs = EpochGuard(highest: epoch) { [unowned self] in epoch = $0 }
        let server = WorkerServer(
            worker: worker, relay: relay, epochs: epochs, version: "0",
            clock: environment.clock, disconnects: guardian
        ) { _ in true }
        let calls = SimulatedCalls(
            network: process.network, clock: environment.clock, address: RemotePlatform.address,
            caller: machine.name)
        let keeper = RegistrationKeeper(
            RegistrationKeeper.Identity(
                incarnation: environment.random.next(), host: machine.name, port: Self.port),
            environment: environment, describe: { await worker.describe() }, dial: { calls },
            granted: { guardian.granted(until: $0) }, note: note)
        let listening = SimulatedCallServer(
            services: [server.service], network: process.network, clock: environment.clock)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await worker.run() }
            group.addTask { await guardian.run() }
            group.addTask { [name = machine.name] in
                try await listening.run(on: NetworkAddress(host: name, port: Self.port))
            }
            group.addTask { try await keeper.run() }
            try await group.waitForAll()
        }
    }

    private func keep(_ entries: [DisconnectTable.Entry]) throws {
        if isDiskFull { throw ApolloError(.exhausted, "no space left on device") }
        guards = entries
    }

    func fillDisk(_ isFull: Bool) { isDiskFull = isFull }
}
