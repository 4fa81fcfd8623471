/// Things to do at a time, the earliest first: a binary heap whose entries know where they lie, so that a cancelled timer
/// leaves at once in O(log n) and a million short-lived deadlines leave nothing behind.
///
/// Inlinable: unspecialised generics would cost the simulator half of its speed.
public struct TimerHeap<Payload> {
    /// Names one timer; of no use once it has fired or was removed.
    public struct Token: Hashable, Sendable {
        @usableFromInline var slot: Int32
        @usableFromInline var generation: UInt32

        @inlinable
        init(slot: Int32, generation: UInt32) {
            self.slot = slot
            self.generation = generation
        }
    }

    @usableFromInline
    struct Entry {
        @usableFromInline var deadline: Int64
        @usableFromInline var order: UInt64
        @usableFromInline var slot: Int32

        @inlinable
        init(deadline: Int64, order: UInt64, slot: Int32) {
            self.deadline = deadline
            self.order = order
            self.slot = slot
        }

        @inlinable
        func isBefore(_ other: Entry) -> Bool {
            deadline != other.deadline ? deadline < other.deadline : order < other.order
        }
    }

    @usableFromInline
    struct Slot {
        @usableFromInline var payload: Payload?
        @usableFromInline var generation: UInt32 = 0
        /// The index in `entries`; -1 while the slot is only reserved or free.
        @usableFromInline var position: Int32 = -1

        @inlinable
        init() {}
    }

    @usableFromInline var entries: ContiguousArray<Entry> = []
    @usableFromInline var slots: ContiguousArray<Slot> = []
    @usableFromInline var free: ContiguousArray<Int32> = []

    @inlinable
    public init() {}

    @inlinable
    public var isEmpty: Bool { entries.isEmpty }
    @inlinable
    public var count: Int { entries.count }

    /// The time of the earliest timer.
    @inlinable
    public var nextDeadline: Int64? { entries.first?.deadline }

    /// A token for a timer that will be inserted or discarded. It comes first, since a cancellation handler has to know it
    /// before the wait begins.
    @inlinable
    public mutating func reserve() -> Token {
        if let slot = free.popLast() { return Token(slot: slot, generation: slots[Int(slot)].generation) }
        slots.append(Slot())
        return Token(slot: Int32(slots.count - 1), generation: 0)
    }

    /// Gives back a token that was reserved and not inserted.
    @inlinable
    public mutating func discard(_ token: Token) {
        guard isCurrent(token), slots[Int(token.slot)].position < 0 else { return }
        release(token.slot)
    }

    /// Adds a timer under a reserved token. Timers of the same deadline come in the order of `order`.
    @inlinable
    public mutating func insert(_ payload: Payload, deadline: Int64, order: UInt64, token: Token) {
        precondition(isCurrent(token) && slots[Int(token.slot)].position < 0, "a timer's token is used twice")
        slots[Int(token.slot)].payload = payload
        entries.append(Entry(deadline: deadline, order: order, slot: token.slot))
        siftUp(entries.count - 1)
    }

    /// Takes a timer out; nil if it has fired, was removed or was never inserted.
    @inlinable
    public mutating func remove(_ token: Token) -> Payload? {
        guard isCurrent(token) else { return nil }
        let position = Int(slots[Int(token.slot)].position)
        guard position >= 0 else { return nil }
        return removeEntry(at: position)
    }

    /// Takes the earliest timer if its deadline is not after `time`.
    @inlinable
    public mutating func popFirst(notAfter time: Int64) -> Payload? {
        guard let first = entries.first, first.deadline <= time else { return nil }
        return removeEntry(at: 0)
    }

    @inlinable
    func isCurrent(_ token: Token) -> Bool { slots[Int(token.slot)].generation == token.generation }

    @inlinable
    mutating func release(_ slot: Int32) {
        slots[Int(slot)].generation &+= 1
        slots[Int(slot)].position = -1
        free.append(slot)
    }

    @inlinable
    mutating func removeEntry(at position: Int) -> Payload {
        let slot = entries[position].slot
        let last = entries.removeLast()
        if position < entries.count {
            entries[position] = last
            siftDown(position)
            siftUp(position)
        }
        let payload = slots[Int(slot)].payload.take()!
        release(slot)
        return payload
    }

    @inlinable
    mutating func siftUp(_ start: Int) {
        var index = start
        let entry = entries[index]
        while index > 0 {
            let parent = (index - 1) / 2
            guard entry.isBefore(entries[parent]) else { break }
            place(entries[parent], at: index)
            index = parent
        }
        place(entry, at: index)
    }

    @inlinable
    mutating func siftDown(_ start: Int) {
        var index = start
        let entry = entries[index]
        while true {
            var child = index * 2 + 1
            guard child < entries.count else { break }
            if child + 1 < entries.count, entries[child + 1].isBefore(entries[child]) { child += 1 }
            guard entries[child].isBefore(entry) else { break }
            place(entries[child], at: index)
            index = child
        }
        place(entry, at: index)
    }

    @inlinable
    mutating func place(_ entry: Entry, at index: Int) {
        entries[index] = entry
        slots[Int(entry.slot)].position = Int32(index)
    }
}
