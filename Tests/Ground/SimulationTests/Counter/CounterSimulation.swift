import Concurrency
import Core
import Networking
import Simulation
import Synchronization

/// A counter with a database, three managers of which one leads, and clients, in a world of faults.
///
/// Each acknowledged increment must have a number of its own, and be in the database under that number.
struct CounterSimulation {
    /// What went wrong with the counting, if anything.
    struct Outcome: Equatable {
        var violations: [String]
        var acknowledged: Int
        var trace: UInt64
        var steps: UInt64
    }

    static let managers = ["m1", "m2", "m3"]
    static let clients = ["c1", "c2", "c3"]
    static let requestsEach = 10

    private final class Acknowledgements: Sendable {
        private let list = Mutex<[(id: String, number: Int)]>([])
        func add(_ id: String, _ number: Int) { list.withLock { $0.append((id, number)) } }
        var all: [(id: String, number: Int)] { list.withLock { $0 } }
    }

    static func run(seed: UInt64, fences: Bool) throws -> Outcome {
        let simulator = Simulator(seed: seed)
        let database = CounterDatabase(fences: fences)
        let acknowledgements = Acknowledgements()
        let done = Watch(0)
        try simulator.run(limit: .seconds(3600)) { simulator in
            simulator.network.conditions.loss = 0.01
            simulator.host("database").start { try await database.run($0) }
            for name in managers {
                let host = simulator.host(name)
                host.clockDrift = Int64(simulator.random.next(below: 200)) - 100
                host.start { try await CounterManager($0).run() }
            }
            for name in clients {
                simulator.host(name).start { process in
                    try await count(process, acknowledgements)
                    done.update { $0 += 1 }
                }
            }
            try await disturb(simulator)
            _ = try await done.first { $0 == clients.count }
        }
        let violations = database.register.withLock { check($0, acknowledgements.all) }
        return Outcome(
            violations: violations, acknowledged: acknowledgements.all.count, trace: simulator.trace,
            steps: simulator.steps)
    }

    /// A client: so many increments one after the other, each under one identifier until someone acknowledges it.
    private static func count(_ process: SimulatedProcess, _ acknowledgements: Acknowledgements) async throws
    {
        let environment = process.environment
        for number in 0..<requestsEach {
            let id = "\(process.host.name)-\(number)"
            var backoff = Backoff(base: .milliseconds(100), cap: .seconds(2))
            while true {
                let manager = managers[Int(environment.random.next(below: UInt64(managers.count)))]
                let address = NetworkAddress(host: manager, port: 7070)
                let answer = try? await Lines.ask(id, at: address, within: .seconds(4), process)
                if let answer, let number = Int(answer) {
                    acknowledgements.add(id, number)
                    break
                }
                try await environment.clock.sleep(for: backoff.next(random: environment.random)!)
            }
            let pause = Int(environment.random.next(below: 3000))
            try await environment.clock.sleep(for: .milliseconds(pause))
        }
    }

    /// A virtual minute or two of pauses, crashes and cuts; at their end everything is up and connected.
    private static func disturb(_ simulator: Simulator) async throws {
        let random = simulator.random
        for _ in 0..<12 {
            try await simulator.environment.clock.sleep(for: random.duration(in: .seconds(1) ... .seconds(4)))
            let host = simulator.host(random.pick(managers))
            let length = random.duration(in: .seconds(1) ... .seconds(9))
            switch random.next(below: 6) {
            case 0, 1:
                host.pause()
                try await simulator.environment.clock.sleep(for: length)
                host.resume()
            case 2:
                host.crash(random.chance(0.5) ? .process : .machine)
                try await simulator.environment.clock.sleep(for: length)
                host.restart()
            case 3:
                let database = simulator.host("database")
                database.crash(random.chance(0.5) ? .process : .machine)
                try await simulator.environment.clock.sleep(for: .seconds(1))
                database.restart()
            case 4:
                simulator.network.isolate(host.name)
                try await simulator.environment.clock.sleep(for: length)
                simulator.network.heal()
            default:
                simulator.network.cut(from: "database", to: host.name)
                try await simulator.environment.clock.sleep(for: length)
                simulator.network.heal()
            }
        }
    }

    private static func check(
        _ register: CounterRegister, _ acknowledged: [(id: String, number: Int)]
    ) -> [String] {
        var violations: [String] = []
        var owners: [Int: String] = [:]
        for (id, number) in acknowledged {
            if let other = owners[number] { violations.append("\(other) and \(id) both got \(number)") }
            owners[number] = id
            if register.applied[id] != number {
                violations.append("\(id) was told \(number); the database has \(register.applied[id] ?? -1)")
            }
        }
        if register.value != register.applied.count {
            violations.append("\(register.applied.count) increments made \(register.value)")
        }
        return violations
    }
}
