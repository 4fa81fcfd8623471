import BusContract
import Concurrency
import Core
import Testing

@testable import Buses

struct LocalBusTests {
    @Test(arguments: BusClause.all)
    func `the bus of one process keeps the contract`(_ clause: BusClause) async throws {
        try await clause.run(LocalBus(environment: .live))
    }

    @Test func `one subscription more than the most is refused`() async throws {
        let bus = LocalBus(environment: .live, maximumSubscriptions: 2)
        let pattern = try #require(SubjectPattern(parsing: "a.>"))
        let first = try await bus.subscribe(pattern)
        let second = try await bus.subscribe(pattern)
        await #expect(throws: BusError.tooManySubscriptions(limit: 2)) {
            _ = try await bus.subscribe(pattern)
        }
        first.cancel()
        let third = try await bus.subscribe(pattern)
        #expect(bus.subscriptionCount == 2)
        second.cancel()
        third.cancel()
        #expect(bus.subscriptionCount == 0)
    }

    @Test func `a subscription that nobody holds is gone`() async throws {
        let bus = LocalBus(environment: .live)
        let pattern = try #require(SubjectPattern(parsing: "a"))
        do { _ = try await bus.subscribe(pattern) }
        #expect(bus.subscriptionCount == 0)
    }

    @Test func `closing the bus ends its subscriptions and refuses messages`() async throws {
        let bus = LocalBus(environment: .live)
        let subject = try #require(Subject(parsing: "a"))
        let subscription = try await bus.subscribe(SubjectPattern(subject))
        bus.close()
        #expect(try await subscription.nextBatch() == nil)
        #expect(throws: BusError.closed) { try bus.publish(subject, []) }
    }

    @Test func `a cancelled reader stops waiting`() async throws {
        let bus = LocalBus(environment: .live)
        let subscription = try await bus.subscribe(try #require(SubjectPattern(parsing: "a")))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await #expect(throws: BusError.cancelled) { _ = try await subscription.nextBatch() }
            }
            group.cancelAll()
            try await group.waitForAll()
        }
    }
}
