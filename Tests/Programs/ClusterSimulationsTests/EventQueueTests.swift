import Simulation
import Testing

@testable import ClusterSimulations

struct EventQueueTests {
    @Test(arguments: 0..<20 as Range<UInt64>)
    func `what is to happen comes by its time, and of the same time in the order it was asked for`(
        seed: UInt64
    ) {
        var random = SplitMix64(seed: seed)
        var queue = EventQueue()
        var asked: [(at: Int64, number: Int)] = []
        var came: [Int] = []
        func take(until end: Int64) {
            while let (at, event) = queue.popFirst(until: end) {
                #expect(at <= end)
                event.action()
            }
        }
        for end in stride(from: Int64(0), through: 1000, by: 100) {
            for _ in 0..<random.next(below: 60) {
                // Few times, so that many are the same.
                let (at, number) = (end + Int64(random.next(below: 30)) * 10, asked.count)
                asked.append((at, number))
                queue.insert(at: at, EventQueue.Event(host: nil) { came.append(number) })
            }
            take(until: end)
        }
        take(until: .max)
        #expect(queue.isEmpty)
        #expect(came == asked.sorted { $0 < $1 }.map(\.number))
    }
}
