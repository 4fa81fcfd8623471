import ClusterModel
import Core
import TaskDecisions
import Testing

@Suite("Draining while clocks are set")
struct DrainDeadlineClockTests {
    private static let hour = Duration.seconds(3600)

    /// What passes, and how far civil time is away from it.
    private struct Clocks {
        var passed = Duration.zero
        var error = Duration.zero

        var civil: Timestamp { origin.advanced(by: passed + error) }
        var instant: MonotonicInstant { MonotonicInstant(nanoseconds: 7).advanced(by: passed) }
    }

    /// A task on a node that is to be drained within ten seconds.
    private struct Draining {
        var bench = Bench()
        var drains = DrainDeadlines()
        var clocks = Clocks()
        let record: TaskRecord

        init() throws {
            record = try bench.running { $0.stopGrace = Seconds(3600) }
            let orders = NodeOrders(
                service: .drained, drainBy: clocks.civil.advanced(by: .seconds(10)), drainSince: clocks.civil)
            drains.count(orders, about: bench.node.id, at: clocks.civil, clocks.instant)
            _ = try bench.core.obey(orders, about: bench.node.id, at: clocks.civil)
        }

        mutating func wake() -> Decision {
            bench.core.express(drains, at: clocks.civil, clocks.instant)
            return bench.core.wake(record.id, at: clocks.civil)
        }

        var orders: NodeOrders { bench.core.orders(of: bench.node.id) }
    }

    @Test("the deadline comes when its time has passed", arguments: [hour, .zero - hour, .seconds(7)])
    func set(_ error: Duration) throws {
        var draining = try Draining()
        draining.clocks = Clocks(passed: .seconds(9), error: error)
        let early = draining.wake()
        #expect(early.graces.isEmpty)
        // It is looked at again when the rest has passed, by the clock as it is now.
        #expect(early.wakes == [draining.clocks.civil.advanced(by: .seconds(1))])
        draining.clocks.passed = .seconds(10)
        #expect(draining.wake().graces == [.zero])
    }

    @Test("it is told by the clock as it was set, with what was given for it")
    func told() throws {
        var draining = try Draining()
        draining.clocks = Clocks(passed: .seconds(4), error: Self.hour)
        _ = draining.wake()
        #expect(draining.orders.drainBy == draining.clocks.civil.advanced(by: .seconds(6)))
        #expect(draining.orders.drainSince == draining.clocks.civil.advanced(by: .seconds(-4)))
    }

    @Test("over a restart it goes on from what is left by civil time, and is never longer than given")
    func restarted() throws {
        var draining = try Draining()
        draining.clocks.passed = .seconds(3)
        _ = draining.wake()
        let node = draining.bench.node.id
        for (error, left) in [
            (Duration.seconds(2), Duration.seconds(5)), (.zero - Self.hour, .seconds(10)), (Self.hour, .zero),
        ] {
            var next = DrainDeadlines()
            let clocks = Clocks(passed: .seconds(3), error: error)
            // Another process has a clock of its own that never jumps.
            let instant = MonotonicInstant(nanoseconds: 5_000_000_000)
            next.count(draining.orders, about: node, at: clocks.civil, instant)
            #expect(next.deadline(of: node) == instant.advanced(by: left))
        }
        // What was ordered before that was stored has no length.
        var old = draining.orders
        old.drainSince = nil
        var next = DrainDeadlines()
        next.count(
            old, about: node, at: Clocks(passed: .zero, error: .seconds(-5)).civil, draining.clocks.instant)
        #expect(next.deadline(of: node) == draining.clocks.instant.advanced(by: .seconds(15)))
    }

    @Test("a node that is opened again, or forgotten, has no deadline")
    func over() throws {
        var draining = try Draining()
        let node = draining.bench.node.id
        draining.drains.count(NodeOrders(), about: node, at: draining.clocks.civil, draining.clocks.instant)
        #expect(draining.drains.deadline(of: node) == nil)
        draining = try Draining()
        draining.drains.forget(node)
        #expect(draining.drains.deadline(of: node) == nil)
    }
}
