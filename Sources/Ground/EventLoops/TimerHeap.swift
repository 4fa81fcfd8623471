/// Something to do at a moment. Belongs to one loop's thread.
package final class LoopTimer {
    let deadline: Int64
    /// Where it is in the heap, or -1.
    fileprivate var index = -1
    private var action: (() -> Void)?

    init(deadline: Int64, action: @escaping () -> Void) {
        self.deadline = deadline
        self.action = action
    }

    func fire() {
        let action = self.action
        self.action = nil
        action?()
    }

    fileprivate func drop() { action = nil }
}

/// The pending timers, the earliest first: a binary heap in which each timer knows its place, so that one that is no
/// longer wanted leaves at once.
struct TimerHeap {
    private var heap: [LoopTimer] = []

    /// The earliest deadline.
    var count: Int { heap.count }
    var next: Int64? { heap.first?.deadline }

    mutating func insert(_ timer: LoopTimer) {
        heap.append(timer)
        timer.index = heap.count - 1
        siftUp(heap.count - 1)
    }

    mutating func remove(_ timer: LoopTimer) {
        timer.drop()
        guard timer.index >= 0 else { return }
        removeAt(timer.index)
    }

    /// The earliest timer if it is due.
    mutating func popDue(_ now: Int64) -> LoopTimer? {
        guard let first = heap.first, first.deadline <= now else { return nil }
        removeAt(0)
        return first
    }

    mutating func removeAll() -> [LoopTimer] {
        defer { heap = [] }
        for timer in heap { timer.index = -1 }
        return heap
    }

    private mutating func removeAt(_ index: Int) {
        heap[index].index = -1
        let last = heap.removeLast()
        guard index < heap.count else { return }
        heap[index] = last
        last.index = index
        siftUp(index)
        siftDown(last.index)
    }

    private mutating func siftUp(_ start: Int) {
        var index = start
        while index > 0, heap[index].deadline < heap[(index - 1) / 2].deadline {
            swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    private mutating func siftDown(_ start: Int) {
        var index = start
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2]
            where child < heap.count && heap[child].deadline < heap[least].deadline { least = child }
            guard least != index else { return }
            swapAt(index, least)
            index = least
        }
    }

    private mutating func swapAt(_ a: Int, _ b: Int) {
        heap.swapAt(a, b)
        heap[a].index = a
        heap[b].index = b
    }
}
