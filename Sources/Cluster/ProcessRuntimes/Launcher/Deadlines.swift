import Core

/// Moments at which something is to be done, the next first: a binary heap.
struct Deadlines<Action> {
    private var heap: [(time: MonotonicInstant, action: Action)] = []

    var next: MonotonicInstant? { heap.first?.time }

    mutating func add(_ action: Action, at time: MonotonicInstant) {
        heap.append((time, action))
        var child = heap.count - 1
        while child > 0, heap[child].time < heap[(child - 1) / 2].time {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// The next action whose time has come.
    mutating func popDue(_ now: MonotonicInstant) -> Action? {
        guard let first = heap.first, first.time <= now else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].time < heap[least].time { least = child }
            }
            if least == parent { return first.action }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
