import ClusterModel
import Core

/// A machine of the simulated world: what it has, and an engine for each kind of task.
final class SimulatedMachine: @unchecked Sendable {
    let name: String
    let id: NodeID
    let capacity: Capacity
    private(set) var engines: [SimulatedEngine] = []
    private unowned let world: World

    init(name: String, id: NodeID, capacity: Capacity, world: World) {
        self.name = name
        self.id = id
        self.capacity = capacity
        self.world = world
        engines = RuntimeKind.allCases.map { SimulatedEngine($0, on: self, of: world) }
    }

    /// The node as its worker describes it, without runtimes.
    var description: Node {
        Node(
            id: id, name: name, state: .ready, capacity: capacity, allocated: Capacity(),
            architecture: "x86_64",
            operatingSystem: "Linux 6.1", version: "0", runtimes: [],
            registeredAt: Timestamp(microseconds: 0))
    }

    /// What lives on it may not ask for more than it has.
    func checkCapacity() {
        let live = world.live.filter { $0.machine === self }
        let asked = live.reduce(into: Capacity()) { $0.add($1.launch.spec.resources) }
        world.findings.check(
            asked.fits(in: capacity), .oversold, "\(name) has \(capacity), asked are \(asked)")
    }
}

extension Capacity {
    mutating func add(_ ask: Resources) {
        cpuMillis += ask.cpuMillis ?? 0
        memory.bytes += ask.memory?.bytes ?? 0
        disk.bytes += ask.disk?.bytes ?? 0
        gpus += ask.gpus ?? 0
        tasks += 1
    }

    mutating func add(_ other: Capacity) {
        cpuMillis += other.cpuMillis
        memory.bytes += other.memory.bytes
        disk.bytes += other.disk.bytes
        gpus += other.gpus
        tasks += other.tasks
    }

    func fits(in capacity: Capacity) -> Bool {
        cpuMillis <= capacity.cpuMillis && memory <= capacity.memory && disk <= capacity.disk
            && gpus <= capacity.gpus && tasks <= capacity.tasks
    }
}
