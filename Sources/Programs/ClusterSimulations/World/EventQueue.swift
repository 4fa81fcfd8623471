/// What is to happen, by virtual time; of the same time, in the order it was asked for.
struct EventQueue {
    private struct Entry {
        var at: Int64
        /// The number of the event, and in the lowest bits where it waits: so that four entries take a cache line.
        private var orderAndSlot: UInt64

        private static var slotBits: UInt64 { 24 }

        init(at: Int64, order: UInt64, slot: Int) {
            precondition(slot < 1 << Self.slotBits, "too many events wait")
            self.at = at
            orderAndSlot = order << Self.slotBits | UInt64(slot)
        }

        var slot: Int { Int(orderAndSlot & (1 << Self.slotBits - 1)) }

        @inline(__always)
        func precedes(_ other: Entry) -> Bool {
            at != other.at ? at < other.at : orderAndSlot < other.orderAndSlot
        }
    }

    /// What is done, and the process that does it when it can, if that is one's.
    struct Event {
        let host: Host?
        let action: () -> Void
    }

    /// Each entry precedes the four below it: half as deep as with two.
    private var heap: [Entry] = []
    private static var width: Int { 4 }
    private var waiting: [Event?] = []
    private var free: [Int] = []
    private var order: UInt64 = 0

    var isEmpty: Bool { heap.isEmpty }

    mutating func insert(at: Int64, _ event: consuming Event) {
        let slot: Int
        if let reused = free.popLast() {
            slot = reused
            waiting[slot] = event
        } else {
            slot = waiting.count
            waiting.append(event)
        }
        order += 1
        heap.append(Entry(at: at, order: order, slot: slot))
        rise(heap.count - 1)
    }

    /// The next that is to happen by `end`.
    mutating func popFirst(until end: Int64) -> (at: Int64, event: Event)? {
        guard let first = heap.first, first.at <= end else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        var event: Event?
        swap(&event, &waiting[first.slot])
        free.append(first.slot)
        return (first.at, event!)
    }

    private mutating func rise(_ start: Int) {
        heap.withUnsafeMutableBufferPointer { heap in
            var index = start
            let entry = heap[index]
            while index > 0 {
                let parent = (index - 1) / Self.width
                guard entry.precedes(heap[parent]) else { break }
                heap[index] = heap[parent]
                index = parent
            }
            heap[index] = entry
        }
    }

    private mutating func sink() {
        heap.withUnsafeMutableBufferPointer { heap in
            let entry = heap[0]
            var index = 0
            while true {
                let below = Self.width * index + 1
                guard below < heap.count else { break }
                var child = below
                var other = below + 1
                while other < min(below + Self.width, heap.count) {
                    if heap[other].precedes(heap[child]) { child = other }
                    other += 1
                }
                guard heap[child].precedes(entry) else { break }
                heap[index] = heap[child]
                index = child
            }
            heap[index] = entry
        }
    }
}
