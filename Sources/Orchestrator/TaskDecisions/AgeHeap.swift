import ClusterModel

/// Tasks by age. What left is passed over when it comes up, which costs less than finding it.
struct AgeHeap: Sendable {
    private var entries: [TaskID] = []

    mutating func push(_ id: TaskID) {
        entries.append(id)
        var index = entries.count - 1
        while index > 0 {
            let parent = (index - 1) / 2
            guard entries[index] < entries[parent] else { return }
            entries.swapAt(index, parent)
            index = parent
        }
    }

    /// The oldest that is still there.
    mutating func oldest(where isThere: (TaskID) -> Bool) -> TaskID? {
        while let first = entries.first {
            if isThere(first) { return first }
            pop()
        }
        return nil
    }

    /// Forgets what left, once that is more than what is there.
    mutating func compact(keeping count: Int, where isThere: (TaskID) -> Bool) {
        guard entries.count > 2 * count + 64 else { return }
        // A sorted array is a heap; one that left and came back stands in it twice.
        entries = Array(Set(entries.filter(isThere))).sorted()
    }

    private mutating func pop() {
        let last = entries.removeLast()
        guard !entries.isEmpty else { return }
        entries[0] = last
        var index = 0
        while true {
            var child = 2 * index + 1
            guard child < entries.count else { return }
            if child + 1 < entries.count, entries[child + 1] < entries[child] { child += 1 }
            guard entries[child] < entries[index] else { return }
            entries.swapAt(index, child)
            index = child
        }
    }
}
