import Core
import Scheduling

/// 5,000 nodes full of unimportant tasks, four on each, and important ones that need the room of two or three.
struct PreemptionRun: Sendable {
    func run() throws -> Double {
        var scheduler = Scheduler()
        let capacity = Amounts(cpuMillis: 16_000, memory: 64 << 30, tasks: 100)
        for _ in 0..<5000 { _ = scheduler.add(Offer(capacity: capacity)) }
        let low = scheduler.classify(Ask(amounts: Amounts(cpuMillis: 4000, memory: 16 << 30, tasks: 1)))
        for _ in 0..<20_000 {
            guard scheduler.place(low) != nil else { throw PlacementRun.wrong("the cell is not filled") }
        }
        let asks = [9000, 6000, 7000, 10_000].map {
            scheduler.classify(Ask(amounts: Amounts(cpuMillis: $0, memory: 8 << 30, tasks: 1)))
        }
        let start = ProcessorTime.now
        var (placed, evicted) = (0, 0)
        for index in 0..<5000 {
            let number = asks[index % asks.count]
            if scheduler.place(number, priority: 100) != nil {
                placed += 1
                continue
            }
            guard let preemption = scheduler.preempt(for: number, priority: 100) else {
                throw PlacementRun.wrong("important task \(index) found no victims")
            }
            for victim in preemption.victims { scheduler.release(victim) }
            evicted += preemption.victims.count
            _ = scheduler.place(number, on: preemption.node, priority: 100)
            let free = scheduler.free(on: preemption.node)
            guard free.cpuMillis >= 0, free.memory >= 0 else {
                throw PlacementRun.wrong("victims did not make room enough")
            }
            placed += 1
        }
        let elapsed = ProcessorTime.now - start
        guard scheduler.taskCount == 20_000 - evicted + placed else {
            throw PlacementRun.wrong("tasks got lost")
        }
        return Double(placed) / elapsed
    }
}
