/// What is to happen, by virtual time; of the same time, in the order it was asked for.
struct EventQueue {
    private struct Entry {
        var at: Int64
        var order: UInt64
        var slot: Int32

        @inline(__always)
        func precedes(_ other: Entry) -> Bool { at != other.at ? at < other.at : order < other.order }
    }

    private var heap: [Entry] = []
    private var actions: [(() -> Void)?] = []
    private var free: [Int32] = []
    private var order: UInt64 = 0

    var isEmpty: Bool { heap.isEmpty }

    mutating func insert(at: Int64, _ action: @escaping () -> Void) {
        let slot: Int32
        if let reused = free.popLast() {
            slot = reused
            actions[Int(slot)] = action
        } else {
            slot = Int32(actions.count)
            actions.append(action)
        }
        order += 1
        heap.append(Entry(at: at, order: order, slot: slot))
        rise(heap.count - 1)
    }

    mutating func popFirst() -> (at: Int64, action: () -> Void)? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        let action = actions[Int(first.slot)]!
        actions[Int(first.slot)] = nil
        free.append(first.slot)
        return (first.at, action)
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
