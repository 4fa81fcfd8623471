/// The nodes that had room for a class, best first. An entry is of a version of its node; those of older versions are passed
/// over when they come up, which costs less than finding and moving them when the node changes.
struct ScoreHeap: Sendable {
    struct Entry: Sendable {
        var score: Float
        var node: Int32
        var version: UInt32

        /// Higher scores first; of equal ones the node that joined first, so that the same events give the same places.
        @inline(__always)
        func precedes(_ other: Entry) -> Bool {
            score != other.score ? score > other.score : node < other.node
        }
    }

    private(set) var entries: [Entry] = []

    var count: Int { entries.count }
    var top: Entry? { entries.first }

    mutating func removeAll() { entries.removeAll(keepingCapacity: true) }

    /// Takes an entry in without putting it into its place: ``heapify()`` must follow.
    mutating func append(_ entry: Entry) { entries.append(entry) }

    mutating func heapify() {
        guard entries.count > 1 else { return }
        for index in stride(from: entries.count / 2 - 1, through: 0, by: -1) { siftDown(index) }
    }

    mutating func push(_ entry: Entry) {
        entries.append(entry)
        entries.withUnsafeMutableBufferPointer { entries in
            var index = entries.count - 1
            while index > 0 {
                let parent = (index - 1) / 2
                guard entry.precedes(entries[parent]) else { break }
                entries[index] = entries[parent]
                index = parent
            }
            entries[index] = entry
        }
    }

    mutating func pop() {
        let last = entries.removeLast()
        guard !entries.isEmpty else { return }
        entries[0] = last
        siftDown(0)
    }

    private mutating func siftDown(_ start: Int) {
        entries.withUnsafeMutableBufferPointer { entries in
            let entry = entries[start]
            var index = start
            let count = entries.count
            while true {
                var child = 2 * index + 1
                guard child < count else { break }
                if child + 1 < count, entries[child + 1].precedes(entries[child]) { child += 1 }
                guard entries[child].precedes(entry) else { break }
                entries[index] = entries[child]
                index = child
            }
            entries[index] = entry
        }
    }
}
