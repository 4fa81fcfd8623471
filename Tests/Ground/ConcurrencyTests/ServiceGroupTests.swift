import Concurrency
import Core
import Simulation
import Synchronization
import Testing

struct ServiceGroupPlanTests {
    /// A plan that can be asked within an expectation.
    private final class Plan {
        private var plan: ServiceGroupPlan
        init(names: [String]) { plan = ServiceGroupPlan(names: names) }
        var alive: [String] { plan.alive }
        func begin() -> [ServiceGroupPlan.Directive] { plan.begin() }
        func handle(_ event: ServiceGroupPlan.Event) -> [ServiceGroupPlan.Directive] { plan.handle(event) }
    }

    private static func running(_ names: [String]) -> Plan {
        let plan = Plan(names: names)
        #expect(plan.begin().first == .start(0))
        for index in names.indices {
            let next = plan.handle(.ready(index))
            if index + 1 < names.count {
                #expect(next.first == .start(index + 1))
            } else {
                #expect(next == [])
            }
        }
        return plan
    }

    @Test func `services stop in reverse and one at a time`() {
        let plan = Self.running(["a", "b", "c"])
        #expect(plan.handle(.stop(reason: "SIGTERM")).first == .drain(2))
        #expect(plan.alive == ["a", "b", "c"])
        #expect(plan.handle(.ended(2, failure: nil)).first == .drain(1))
        #expect(plan.handle(.ended(1, failure: nil)).first == .drain(0))
        #expect(plan.handle(.ended(0, failure: nil)) == [.finish(.stopped(reason: "SIGTERM"))])
        #expect(plan.alive == [])
    }

    @Test func `a service that does not drain is cancelled and then given up`() {
        let plan = Self.running(["a", "b"])
        let drain = plan.handle(.stop(reason: "x"))
        guard case .setTimer(let first, .seconds(20)) = drain.last else { return #expect(Bool(false)) }
        let cancel = plan.handle(.timeIsUp(timer: first))
        #expect(cancel.first == .cancel(1))
        #expect(plan.handle(.timeIsUp(timer: first)) == [])
        guard case .setTimer(let second, .seconds(5)) = cancel.last else { return #expect(Bool(false)) }
        #expect(plan.handle(.timeIsUp(timer: second)).prefix(2) == [.giveUp(1), .drain(0)])
        #expect(plan.handle(.ended(0, failure: nil)) == [.finish(.stopped(reason: "x"))])
        #expect(plan.alive == ["b"])
        #expect(plan.handle(.ended(1, failure: nil)) == [])
    }

    @Test func `a failure stops the others and is the outcome`() {
        let plan = Self.running(["a", "b", "c"])
        let error = ApolloError(.unavailable, "the disk is gone")
        #expect(plan.handle(.ended(1, failure: error)).first == .drain(2))
        let later = ApolloError(.internal, "another")
        #expect(plan.handle(.ended(2, failure: later)).first == .drain(0))
        #expect(plan.handle(.ended(0, failure: nil)) == [.finish(.failed(error))])
    }

    @Test func `a service that ends by itself is a failure`() {
        let plan = Self.running(["a"])
        guard case .finish(.failed(let error))? = plan.handle(.ended(0, failure: nil)).first else {
            return #expect(Bool(false))
        }
        #expect(error.message == "the service 'a' ended although nobody asked it to")
    }

    @Test func `a service that is never ready is cancelled and those before it drain`() {
        let plan = Plan(names: ["a", "b", "c"])
        _ = plan.begin()
        guard case .setTimer(let timer, _)? = plan.handle(.ready(0)).last else { return #expect(Bool(false)) }
        #expect(plan.handle(.timeIsUp(timer: timer)).first == .cancel(1))
        #expect(plan.handle(.ready(1)) == [])
        #expect(plan.handle(.ended(1, failure: nil)).first == .drain(0))
        guard case .finish(.failed(let error))? = plan.handle(.ended(0, failure: nil)).first else {
            return #expect(Bool(false))
        }
        #expect(error.kind == .deadline)
        #expect(error.message == "the service 'b' was not ready after 60s")
    }

    @Test func `a second request to stop cancels all at once`() {
        let plan = Self.running(["a", "b", "c"])
        _ = plan.handle(.stop(reason: "x"))
        #expect(plan.handle(.stop(reason: "x")).prefix(3) == [.cancel(2), .cancel(1), .cancel(0)])
        #expect(plan.handle(.ended(0, failure: nil)) == [])
        #expect(plan.handle(.ended(2, failure: nil)) == [])
        #expect(plan.handle(.ended(1, failure: nil)) == [.finish(.stopped(reason: "x"))])
    }

    @Test func `a stop during the start stops what was started`() {
        let plan = Plan(names: ["a", "b", "c"])
        _ = plan.begin()
        _ = plan.handle(.ready(0))
        #expect(plan.handle(.stop(reason: "x")).first == .cancel(1))
        #expect(plan.handle(.ended(1, failure: nil)).first == .drain(0))
        #expect(plan.handle(.ended(0, failure: nil)) == [.finish(.stopped(reason: "x"))])
    }
}

struct ServiceGroupTests {
    /// Writes down what happens to it.
    private struct Recorder: Service {
        let name: String
        let journal: Journal
        var startTime: Duration = .seconds(1)
        var drainTime: Duration = .seconds(1)
        var failsAfter: Duration?
        var ignoresCancellation = false

        func run(_ context: ServiceContext) async throws {
            let clock = context.environment.clock
            journal.write("\(name) starts")
            try await clock.sleep(for: startTime)
            context.markReady()
            context.markReady()
            if let failsAfter {
                try await clock.sleep(for: failsAfter)
                throw ApolloError(.unavailable, "the disk is gone")
            }
            do {
                try await context.waitForDrain()
                journal.write("\(name) drains")
                try await clock.sleep(for: drainTime)
                journal.write("\(name) ends")
            } catch {
                journal.write("\(name) is cancelled")
                if ignoresCancellation { await withCheckedContinuation { journal.stuck.set($0) } }
                throw error
            }
        }
    }

    private final class Journal: Sendable {
        private let state = Mutex<[String]>([])
        let stuck = Latch<CheckedContinuation<Void, Never>>()
        func write(_ line: String) { state.withLock { $0.append(line) } }
        var lines: [String] { state.withLock { $0 } }
    }

    private static func stopping(after duration: Duration, _ simulator: Simulator)
        -> @Sendable () async throws -> String
    {
        {
            try await simulator.environment.clock.sleep(for: duration)
            return "SIGTERM"
        }
    }

    @Test func `services start in order and stop in reverse`() throws {
        for seed: UInt64 in 0..<50 {
            let journal = Journal()
            try Simulator(seed: seed).run { simulator in
                let services = ["a", "b", "c"].map { Recorder(name: $0, journal: journal) }
                let group = ServiceGroup(services, environment: simulator.environment) { _ in }
                let reason = try await group.run {
                    try await simulator.environment.clock.sleep(for: .seconds(10))
                    journal.write("stop")
                    try await simulator.environment.clock.sleep(for: .seconds(1000))
                    return "SIGTERM"
                }
                #expect(reason == "SIGTERM")
                #expect(simulator.now == .seconds(1013))
            }
            #expect(
                journal.lines == [
                    "a starts", "b starts", "c starts", "stop", "c drains", "c ends", "b drains", "b ends",
                    "a drains", "a ends",
                ])
        }
    }

    @Test func `one that drains too slowly is cancelled`() throws {
        let journal = Journal()
        try Simulator(seed: 1).run { simulator in
            let services = [
                Recorder(name: "a", journal: journal),
                Recorder(name: "b", journal: journal, drainTime: .seconds(600)),
            ]
            let group = ServiceGroup(services, environment: simulator.environment) { _ in }
            try await group.run(until: Self.stopping(after: .seconds(30), simulator))
            // The second stop, at 60 s, finds everything ended.
            #expect(simulator.now == .seconds(51))
        }
        #expect(journal.lines.suffix(4) == ["b drains", "b is cancelled", "a drains", "a ends"])
    }

    @Test func `a failure is reported with the service's name after the others have stopped`() throws {
        let journal = Journal()
        try Simulator(seed: 2).run { simulator in
            let services = [
                Recorder(name: "database", journal: journal),
                Recorder(name: "disk", journal: journal, failsAfter: .seconds(5)),
                Recorder(name: "api", journal: journal),
            ]
            let group = ServiceGroup(services, environment: simulator.environment) { _ in }
            await #expect(throws: ApolloError(.unavailable, "the service 'disk' failed: the disk is gone")) {
                try await group.run(until: Self.stopping(after: .seconds(1000), simulator))
            }
        }
        #expect(journal.lines.suffix(4) == ["api drains", "api ends", "database drains", "database ends"])
    }

    @Test func `one that never ends is named`() throws {
        let journal = Journal()
        let stuck = Journal()
        try Simulator(seed: 3).run { simulator in
            let services = [
                Recorder(name: "a", journal: journal),
                Recorder(
                    name: "b", journal: journal, drainTime: .seconds(600), ignoresCancellation: true),
            ]
            let group = ServiceGroup(services, environment: simulator.environment) { name in
                stuck.write(name)
            }
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run(until: Self.stopping(after: .seconds(30), simulator)) }
                try await simulator.environment.clock.sleep(for: .seconds(300))
                #expect(stuck.lines == ["b"])
                #expect(journal.lines.last == "a ends")
                journal.stuck.current?.resume()
                await #expect(throws: Never.self) { try await tasks.waitForAll() }
            }
        }
    }

    @Test func `cancelling the run ends all services`() throws {
        let journal = Journal()
        try Simulator(seed: 4).run { simulator in
            let services = ["a", "b"].map { Recorder(name: $0, journal: journal) }
            let group = ServiceGroup(services, environment: simulator.environment) { _ in }
            await withTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    await #expect(throws: CancellationError.self) {
                        try await group.run(until: Self.stopping(after: .seconds(1000), simulator))
                    }
                }
                try? await simulator.environment.clock.sleep(for: .seconds(10))
                tasks.cancelAll()
            }
            #expect(simulator.now == .seconds(10))
        }
    }
}
