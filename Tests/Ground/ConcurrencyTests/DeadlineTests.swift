import Concurrency
import Core
import Simulation
import Testing

struct DeadlineTests {
    @Test func `what ends in time is returned at once`() throws {
        try Simulator(seed: 1).run { simulator in
            let clock = simulator.environment.clock
            let value = try await withDeadline(.seconds(10), clock: clock, of: "the count") {
                try await clock.sleep(for: .seconds(3))
                return 7
            }
            #expect(value == 7)
            #expect(simulator.now == .seconds(3))
        }
    }

    @Test func `what takes too long is cancelled and named`() throws {
        try Simulator(seed: 2).run { simulator in
            let clock = simulator.environment.clock
            await #expect(throws: ApolloError(.deadline, "the count took longer than 10s")) {
                try await withDeadline(.seconds(10), clock: clock, of: "the count") {
                    try await clock.sleep(for: .seconds(30))
                }
            }
            #expect(simulator.now == .seconds(10))
        }
    }

    @Test func `it is told as it was given`() async {
        await #expect(throws: ApolloError(.deadline, "the count took longer than 1ms")) {
            try await withDeadline(.milliseconds(1), clock: LiveClock(), of: "the count") {
                _ = try await Latch<Void>().value()
            }
        }
    }

    @Test func `a failure within the time is thrown as it is`() throws {
        try Simulator(seed: 3).run { simulator in
            let clock = simulator.environment.clock
            await #expect(throws: ApolloError(.corrupt, "damaged")) {
                try await withDeadline(.seconds(10), clock: clock, of: "the count") {
                    throw ApolloError(.corrupt, "damaged")
                }
            }
        }
    }

    @Test func `a value that comes late is not lost`() throws {
        try Simulator(seed: 4).run { simulator in
            let clock = simulator.environment.clock
            let value = try await withDeadline(.seconds(10), clock: clock, of: "the connection") {
                try? await clock.sleep(for: .seconds(30))
                return "an open connection"
            }
            #expect(value == "an open connection")
            #expect(simulator.now == .seconds(10))
        }
    }

    @Test func `a cancelled caller cancels the operation`() throws {
        try Simulator(seed: 5).run { simulator in
            let clock = simulator.environment.clock
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    await #expect(throws: CancellationError.self) {
                        try await withDeadline(.seconds(10), clock: clock, of: "the count") {
                            try await clock.sleep(for: .seconds(30))
                        }
                    }
                }
                try? await clock.sleep(for: .seconds(1))
                group.cancelAll()
            }
            #expect(simulator.now == .seconds(1))
        }
    }
}

struct BackoffTests {
    @Test func `waits double up to the cap and are drawn from the whole range`() {
        let random = Simulator(seed: 1).random
        for _ in 0..<200 {
            var backoff = Backoff(base: .milliseconds(100), cap: .seconds(1), limit: 6)
            var ceilings: [Duration] = []
            while true {
                let ceiling = backoff.ceiling
                guard let wait = backoff.next(random: random) else { break }
                ceilings.append(ceiling)
                #expect(wait >= .zero && wait <= ceiling)
            }
            #expect(ceilings == [100, 200, 400, 800, 1000, 1000].map { .milliseconds($0) })
        }
        var short = 0
        for _ in 0..<1000 {
            var backoff = Backoff(base: .seconds(1), cap: .seconds(1))
            if backoff.next(random: random)! < .milliseconds(500) { short += 1 }
        }
        #expect((400...600).contains(short))
    }

    @Test func `a hundred failures do not overflow`() {
        var backoff = Backoff(base: .seconds(1), cap: .seconds(86400 * 365))
        let random = Simulator(seed: 2).random
        for _ in 0..<200 { #expect(backoff.next(random: random)! <= .seconds(86400 * 365)) }
        backoff.reset()
        #expect(backoff.ceiling == .seconds(1))
    }

    @Test func `a retried operation ends with its success`() throws {
        try Simulator(seed: 3).run { simulator in
            var tries = 0
            let value = try await retrying("the call", backoff: Backoff(), in: simulator.environment) {
                tries += 1
                if tries < 4 { throw ApolloError(.unavailable, "not now") }
                return tries
            }
            #expect(value == 4)
            #expect(simulator.now > .zero && simulator.now <= .milliseconds(700))
        }
    }

    @Test func `an error that cannot pass is not retried`() throws {
        try Simulator(seed: 4).run { simulator in
            var tries = 0
            await #expect(throws: ApolloError(.denied, "never")) {
                try await retrying("the call", backoff: Backoff(), in: simulator.environment) {
                    tries += 1
                    throw ApolloError(.denied, "never")
                }
            }
            #expect(tries == 1)
        }
    }

    @Test func `the last failure says how often it was tried`() throws {
        try Simulator(seed: 5).run { simulator in
            let error = await #expect(throws: ApolloError.self) {
                try await retrying("the call", backoff: Backoff(limit: 2), in: simulator.environment) {
                    throw ApolloError(.exhausted, "no room")
                }
            }
            #expect(error?.kind == .exhausted)
            #expect(error?.message.hasPrefix("the call failed 3 times in ") == true)
            #expect(error?.message.hasSuffix("no room") == true)
        }
    }

    @Test func `a cancelled retry ends in its wait`() throws {
        try Simulator(seed: 6).run { simulator in
            let environment = simulator.environment
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    await #expect(throws: CancellationError.self) {
                        try await retrying(
                            "the call", backoff: Backoff(base: .seconds(60), cap: .seconds(60)),
                            in: environment
                        ) {
                            throw ApolloError(.unavailable, "not now")
                        }
                    }
                }
                try? await environment.clock.sleep(for: .milliseconds(1))
                group.cancelAll()
            }
            #expect(simulator.now < .seconds(60))
        }
    }
}

struct TokenBucketTests {
    private static func at(_ milliseconds: Int64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: milliseconds * 1_000_000)
    }

    @Test func `a burst empties the bucket and time fills it again`() {
        var bucket = TokenBucket(capacity: 3, interval: .milliseconds(100), now: Self.at(0))
        func take(_ count: Int64 = 1, at time: Int64) -> Bool { bucket.take(count, now: Self.at(time)) }
        for _ in 0..<3 { #expect(take(at: 0)) }
        #expect(!take(at: 0))
        #expect(bucket.wait(now: Self.at(0)) == .milliseconds(100))
        #expect(!take(at: 99))
        #expect(take(at: 100))
        #expect(!take(2, at: 250))
        #expect(take(2, at: 300))
    }

    @Test func `a bucket saves no more than its capacity`() {
        var bucket = TokenBucket(capacity: 2, interval: .milliseconds(100), now: Self.at(0))
        func take(_ count: Int64) -> Bool { bucket.take(count, now: Self.at(100_000)) }
        #expect(take(2))
        #expect(!take(1))
    }
}
