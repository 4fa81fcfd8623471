import Concurrency
import Core
import Simulation
import Testing

struct LatchTests {
    @Test func `a latch keeps its first value for all who come`() throws {
        for seed: UInt64 in 0..<20 {
            let values = try Simulator(seed: seed).run { simulator in
                let latch = Latch<Int>()
                #expect(latch.current == nil)
                return try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<5 { group.addTask { try await latch.value() } }
                    try await simulator.environment.clock.sleep(for: .seconds(1))
                    #expect(latch.set(7))
                    #expect(!latch.set(8))
                    group.addTask { try await latch.value() }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
            }
            #expect(values == [7, 7, 7, 7, 7, 7])
        }
    }

    @Test func `a wait at a latch can be cancelled and others wait on`() throws {
        try Simulator(seed: 1).run { simulator in
            let latch = Latch<Void>()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await latch.wait() }
                await withTaskGroup(of: Void.self) { cancelled in
                    cancelled.addTask {
                        await #expect(throws: CancellationError.self) { try await latch.wait() }
                    }
                    try? await simulator.environment.clock.sleep(for: .seconds(1))
                    cancelled.cancelAll()
                }
                latch.open()
                try await group.waitForAll()
            }
        }
    }
}

struct WatchTests {
    @Test func `a slow watcher sees the newest state only`() async throws {
        let watch = Watch(0)
        for number in 1...10 { watch.set(number) }
        let snapshot = try #require(try await watch.next(after: 1))
        #expect(snapshot.state == 10)
        #expect(snapshot.revision == 11)
        watch.update { $0 *= 2 }
        #expect(try await watch.next(after: snapshot.revision)?.state == 20)
    }

    @Test func `all watchers are woken and finishing ends them`() throws {
        for seed: UInt64 in 0..<20 {
            try Simulator(seed: seed).run { simulator in
                let clock = simulator.environment.clock
                let watch = Watch("start")
                try await withThrowingTaskGroup(of: [String].self) { group in
                    for _ in 0..<5 {
                        group.addTask {
                            var seen: [String] = []
                            var revision: UInt64 = 0
                            while let next = try await watch.next(after: revision) {
                                seen.append(next.state)
                                revision = next.revision
                            }
                            return seen
                        }
                    }
                    try await clock.sleep(for: .seconds(1))
                    watch.set("middle")
                    try await clock.sleep(for: .seconds(1))
                    watch.set("end")
                    watch.finish()
                    watch.set("after the end")
                    for try await seen in group { #expect(seen == ["start", "middle", "end"]) }
                }
                #expect(try await watch.first { $0 == "never" } == nil)
            }
        }
    }

    @Test func `a cancelled watcher ends and the others go on`() throws {
        try Simulator(seed: 1).run { simulator in
            let watch = Watch(0)
            await withTaskGroup(of: Int?.self) { group in
                group.addTask { try? await watch.first { $0 > 0 }?.state }
                await withTaskGroup(of: Void.self) { cancelled in
                    cancelled.addTask {
                        await #expect(throws: CancellationError.self) { try await watch.next(after: 1) }
                    }
                    try? await simulator.environment.clock.sleep(for: .seconds(1))
                    cancelled.cancelAll()
                }
                watch.set(3)
                #expect(await group.next() == 3)
            }
        }
    }
}

struct PermitsTests {
    @Test func `no more hold a permit than there are`() throws {
        for seed: UInt64 in 0..<20 {
            let most = try Simulator(seed: seed).run { simulator in
                let permits = Permits(3)
                let holders = Gauge()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<20 {
                        group.addTask {
                            try await permits.withPermit {
                                holders.enter()
                                try await simulator.environment.clock.sleep(for: .seconds(1))
                                holders.leave()
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(permits.available == 3)
                #expect(simulator.now == .seconds(7))
                return holders.most
            }
            #expect(most == 3)
        }
    }

    @Test func `random numbers that threads draw at once are all different`() async throws {
        let numbers = await withTaskGroup(of: [UInt64].self) { group in
            for _ in 0..<8 {
                group.addTask { (0..<1000).map { _ in Environment.live.random.next() } }
            }
            return await group.reduce(into: Set<UInt64>()) { $0.formUnion($1) }
        }
        // Two of 8,000 are alike once in 10^12 times.
        #expect(numbers.count == 8000)
        for bit in 0..<64 {
            // Each bit is set in half of them; further off than this is none in 10^12 (nine standard deviations).
            let count = numbers.count { $0 >> bit & 1 == 1 }
            #expect((3600...4400).contains(count), "bit \(bit) is set in \(count) of 8000")
        }
    }

    @Test func `a cancelled wait takes no permit`() throws {
        try Simulator(seed: 1).run { simulator in
            let permits = Permits(1)
            #expect(permits.tryAcquire())
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    await #expect(throws: CancellationError.self) { try await permits.acquire() }
                }
                try? await simulator.environment.clock.sleep(for: .seconds(1))
                group.cancelAll()
            }
            permits.release()
            #expect(permits.available == 1)
        }
    }
}
