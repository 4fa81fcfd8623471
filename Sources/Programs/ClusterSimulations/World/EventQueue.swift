/// What is to happen, by virtual time; of the same time, in the order it was asked for.
///
/// What comes within the second or so that is under way is in order in a heap; what comes later waits in no order by the slice of time it
/// is in. Nearly all that waits does so for longer than a second, and no order has to be kept of it meanwhile.
struct EventQueue {
    private struct Entry {
        var at: Int64
        /// The number of the event, and in the lowest bits where it waits.
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

    /// A slice is about a second, and a round of them about a quarter of an hour.
    private static var sliceBits: Int64 { 20 }
    private static var round: Int64 { 1024 }

    /// What comes before the end of the slice that is under way. Each entry precedes the two below it.
    private var heap: [Entry] = []
    /// The slice that is under way; times are never negative.
    private var slice: Int64 = 0
    /// What comes in the slices after it, as far as the round goes.
    private var slices = [[Entry]](repeating: [], count: Int(round))
    private var inSlices = 0
    /// What comes after the round.
    private var far: [Entry] = []

    private var waiting: [Event?] = []
    private var free: [Int] = []
    private var order: UInt64 = 0

    var isEmpty: Bool { heap.isEmpty && inSlices == 0 && far.isEmpty }

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
        put(Entry(at: at, order: order, slot: slot))
    }

    /// The next that is to happen by `end`.
    mutating func popFirst(until end: Int64) -> (at: Int64, event: Event)? {
        if heap.isEmpty { goOn() }
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

    private mutating func put(_ entry: Entry) {
        let number = entry.at >> Self.sliceBits
        if number <= slice {
            heap.append(entry)
            rise(heap.count - 1)
        } else if number / Self.round == slice / Self.round {
            slices[Int(number % Self.round)].append(entry)
            inSlices += 1
        } else {
            far.append(entry)
        }
    }

    /// Goes on to the next slice in which there is something.
    private mutating func goOn() {
        while heap.isEmpty {
            guard inSlices > 0 else {
                guard let next = far.lazy.map(\.at).min() else { return }
                slice = next >> Self.sliceBits
                let later = far
                far = []
                for entry in later { put(entry) }
                continue
            }
            slice += 1
            let place = Int(slice % Self.round)
            guard !slices[place].isEmpty else { continue }
            inSlices -= slices[place].count
            // In turn, so that neither is made anew.
            swap(&heap, &slices[place])
            for index in heap.indices { rise(index) }
        }
    }

    private mutating func rise(_ start: Int) {
        heap.withUnsafeMutableBufferPointer { heap in
            var index = start
            let entry = heap[index]
            while index > 0 {
                let parent = (index - 1) / 2
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
                var child = 2 * index + 1
                guard child < heap.count else { break }
                if child + 1 < heap.count, heap[child + 1].precedes(heap[child]) { child += 1 }
                guard heap[child].precedes(entry) else { break }
                heap[index] = heap[child]
                index = child
            }
            heap[index] = entry
        }
    }
}
