import Core
import Simulation
import Testing

@Suite("Managers under faults")
struct LeadershipSimulationTests {
    /// Faults for three minutes, then none; returns what is wrong, and how many terms there were.
    private static func run(
        seed: UInt64, managers: Int, isFenced: Bool = true
    ) throws -> (fault: String?, terms: Int) {
        try Simulator(seed: seed).run { simulator in
            let candidates = try Candidates(simulator, count: managers, isFenced: isFenced)
            try await candidates.prepare()
            for index in 0..<managers {
                let host = candidates.hosts[index]
                host.wallClockError = .seconds(Int64(simulator.random.next(below: 7200)) - 3600)
                host.clockDrift = Int64(simulator.random.next(below: 400)) - 200
                candidates.start(index)
            }
            for _ in 0..<30 {
                let index = Int(simulator.random.next(below: UInt64(managers)))
                try await trouble(candidates, index, simulator)
                if let fault = try await candidates.fault() { return (fault, 0) }
            }
            for index in 0..<managers {
                candidates.cut(index, false)
                candidates.hosts[index].resume()
                if !candidates.hosts[index].isRunning { candidates.hosts[index].restart() }
            }
            try await simulator.environment.clock.sleep(for: .seconds(40))
            if let fault = try await candidates.fault() { return (fault, 0) }
            let before = try await candidates.epochs()
            try await simulator.environment.clock.sleep(for: .seconds(5))
            let after = try await candidates.epochs()
            guard after.count > before.count else { return ("nobody writes when all faults are over", 0) }
            guard after.last == before.last else {
                return ("who leads still changes when all faults are over", 0)
            }
            return (nil, Set(after).count)
        }
    }

    private static func trouble(_ candidates: Candidates, _ index: Int, _ simulator: Simulator) async throws {
        let host = candidates.hosts[index]
        func wait(_ limit: UInt64) async throws {
            try await simulator.environment.clock.sleep(
                for: .milliseconds(Int64(simulator.random.next(below: limit))))
        }
        switch simulator.random.next(below: 5) {
        case 0:
            host.pause()
            try await wait(12_000)
            host.resume()
        case 1:
            candidates.cut(index, true)
            try await wait(12_000)
            candidates.cut(index, false)
        case 2:
            host.crash(.process)
            try await wait(8_000)
            host.restart()
        case 3:
            host.wallClockError = .seconds(Int64(simulator.random.next(below: 7200)) - 3600)
        default:
            // One after the other, so that both are in trouble at once.
            let next = (index + 1) % candidates.hosts.count
            host.pause()
            candidates.cut(next, true)
            try await wait(9_000)
            host.resume()
            try await wait(3_000)
            candidates.cut(next, false)
        }
        try await wait(6_000)
    }

    @Test(
        "what one leader writes never comes after what the next has written, nothing acknowledged is lost, and in the end one leads",
        arguments: UInt64(1)...6)
    func order(seed: UInt64) throws {
        let (fault, terms) = try Self.run(seed: seed, managers: seed % 2 == 0 ? 3 : 2)
        #expect(fault == nil, "seed \(seed)")
        #expect(terms > 3, "the faults of seed \(seed) did nothing")
    }

    @Test("the simulation finds a leader whose writes are not held against its epoch")
    func planted() throws {
        let found = try (UInt64(1)...10).first {
            try Self.run(seed: $0, managers: 3, isFenced: false).fault != nil
        }
        #expect(found != nil)
    }

    @Test(
        "the next leader writes within 10 s after the last one was killed, stood still, or was cut off",
        arguments: 0...2)
    func takeover(kind: Int) throws {
        try Simulator(seed: UInt64(100 + kind)).run { simulator in
            let candidates = try Candidates(simulator, count: 2)
            try await candidates.prepare()
            candidates.start(0)
            try await simulator.environment.clock.sleep(for: .seconds(3))
            candidates.start(1)
            try await simulator.environment.clock.sleep(for: .seconds(20))
            #expect(Set(try await candidates.epochs()).count == 1)
            switch kind {
            case 0: candidates.hosts[0].crash(.machine)
            case 1: candidates.hosts[0].pause()
            default: candidates.cut(0, true)
            }
            try await simulator.environment.clock.sleep(for: .seconds(10))
            #expect(Set(try await candidates.epochs()).count == 2)
            candidates.hosts[0].resume()
            candidates.cut(0, false)
            try await simulator.environment.clock.sleep(for: .seconds(30))
            #expect(Set(try await candidates.epochs()).count == 2)
            #expect(try await candidates.fault() == nil)
        }
    }
}
