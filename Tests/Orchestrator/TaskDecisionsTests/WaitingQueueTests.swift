import ClusterModel
import Core
import Scheduling
import Testing

@testable import TaskDecisions

@Suite("The queue of those who wait")
struct WaitingQueueTests {
    private struct Waiter {
        var id: TaskID
        var ask: Ask
        var priority: Int
        var isClaimant = false
    }

    private struct Lots: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
    }

    /// Who comes first, found by looking at all.
    private func expected(
        _ waiters: [Waiter], _ priority: Int, _ room: Amounts, _ labels: [String: String], after age: TaskID?
    ) -> TaskID? {
        let lines = Dictionary(grouping: waiters.filter { $0.priority == priority }, by: \.ask)
        return lines.compactMap { ask, members -> TaskID? in
            let head =
                members.filter { !$0.isClaimant }.map(\.id).min() ?? members.map(\.id).min()
            guard let head, ask.amounts.fits(in: room), age.map({ head > $0 }) ?? true,
                ask.constraints.allSatisfy({ $0.holds(for: labels) })
            else { return nil }
            return head
        }.min()
    }

    @Test("whoever comes and goes, the oldest that fits is found", arguments: 1...8)
    func model(seed: UInt64) {
        var (random, queue) = (Lots(state: seed), WaitingQueue())
        var waiters: [Waiter] = []
        let counter = Counter()
        for step in 0..<3000 {
            switch Int.random(in: 0..<5, using: &random) {
            case 0, 1:
                let constraints =
                    Bool.random(using: &random) ? [] : [Constraint("zone", .isIn, ["\(step % 3)"])]
                let ask = Ask(
                    amounts: Amounts(
                        cpuMillis: .random(in: 1...8, using: &random),
                        memory: .random(in: 1...8, using: &random),
                        tasks: 1), constraints: constraints)
                let new = Waiter(id: counter.next(), ask: ask, priority: step % 2)
                waiters.append(new)
                queue.insert(new.id, ask: ask, priority: new.priority)
            case 2:
                guard let index = waiters.indices.randomElement(using: &random) else { continue }
                queue.remove(waiters.remove(at: index).id)
            case 3:
                guard let index = waiters.indices.randomElement(using: &random) else { continue }
                waiters[index].isClaimant.toggle()
                queue.mark(waiters[index].id, isClaimant: waiters[index].isClaimant)
            default:
                let room = Amounts(
                    cpuMillis: .random(in: 0...9, using: &random),
                    memory: .random(in: 0...9, using: &random), tasks: 1)
                let labels = ["zone": "\(step % 4)"]
                let age = waiters.randomElement(using: &random)?.id
                let found = queue.first(of: step % 2, fitting: room, on: labels, after: age)
                #expect(found?.age == expected(waiters, step % 2, room, labels, after: age))
            }
            #expect(queue.count == waiters.count)
        }
        for waiter in waiters { queue.remove(waiter.id) }
        #expect(queue.isEmpty && queue.priorities.isEmpty)
    }

    @Test("of many that ask the same, those for whom there is room are looked at alone")
    func many() throws {
        var bench = Bench()
        let first = try bench.running { $0.resources.cpuMillis = 2000 }
        var ids: [TaskID] = []
        for index in 0..<2000 {
            let (record, decision) = try bench.submit { $0.resources.cpuMillis = index == 1000 ? 3000 : 2000 }
            #expect(decision.changes.count == 1)
            ids.append(record.id)
        }
        let decision = bench.exit(first, code: 0)
        #expect(decision.launches.map(\.task) == [ids[0]])
        // The one that ended, and the one that is started; nobody else is written.
        #expect(decision.changes.count == 2)
        let renewed = bench.core.renewReasons(of: ids[1...2])
        #expect(renewed.changes.isEmpty)
    }

    @Test("a reason is true for whoever reads it, of however many that wait")
    func reasons() throws {
        var bench = Bench()
        let half = try bench.running { $0.resources.cpuMillis = 1000 }
        _ = try bench.running { $0.resources.cpuMillis = 1000 }
        let waiters = try (0..<100).map { _ in try bench.submit { $0.resources.cpuMillis = 2000 }.0 }
        #expect(waiters[0].reason == "waiting for room: one has 0 of 2 cores free, asked are 2")
        #expect(bench.exit(half, code: 0).changes.count == 1)
        let decision = bench.core.renewReasons(of: [waiters[99].id])
        #expect(decision.changes.count == 1)
        #expect(bench.state(waiters[99]).reason == "waiting for room: one has 1 of 2 cores free, asked are 2")
    }

    @Test("a node that is cordoned, labelled or uncordoned wakes those it can help")
    func orders() throws {
        var bench = Bench()
        let (record, _) = try bench.submit { $0.constraints = [Constraint("disk", .isIn, ["ssd"])] }
        #expect(record.state == .pending)
        _ = try bench.core.obey(NodeOrders(service: .cordoned), about: bench.node.id, at: origin)
        var orders = NodeOrders(service: .cordoned, labels: ["disk": "ssd"])
        #expect(try bench.core.obey(orders, about: bench.node.id, at: origin).launches.isEmpty)
        orders.service = .open
        let decision = try bench.core.obey(orders, about: bench.node.id, at: origin)
        #expect(decision.launches.map(\.task) == [record.id])
    }
}
